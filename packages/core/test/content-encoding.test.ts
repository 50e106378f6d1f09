import { expect, it } from 'vitest';
import { assertContentEncoding, CONTENT_ENCODINGS, isContentEncoding } from '../src/index.js';

it('knows the codings of values, and none', () => {
  for (const coding of CONTENT_ENCODINGS) {
    expect(isContentEncoding(coding)).toBe(true);
    assertContentEncoding(coding);
  }
  assertContentEncoding(undefined);
  expect(isContentEncoding(undefined)).toBe(false);
});

it.each(['zstd', 'GZIP', '', ' br', null, 1, {}, ['br']])(
  'raises a TypeError for %j, which says what to give',
  (wrong) => {
    expect(isContentEncoding(wrong)).toBe(false);
    expect(() => assertContentEncoding(wrong)).toThrow(TypeError);
    expect(() => assertContentEncoding(wrong)).toThrow(/must be one of br, gzip, deflate, not /);
  },
);
