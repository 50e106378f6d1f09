import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { isKvError, KV_ERROR_CODES, KvError } from '../src/index.js';

describe('KvError', () => {
  it('carries code, details and cause', () => {
    const cause = new Error('why');
    const error = new KvError('KV_STORAGE_FULL', 'Full.', { details: { path: '/x' }, cause });
    expect(error).toMatchObject({
      name: 'KvError',
      code: 'KV_STORAGE_FULL',
      message: 'Full.',
      details: { path: '/x' },
      cause,
    });
    expect(Object.isFrozen(error.details)).toBe(true);
    expect('cause' in new KvError('KV_STORAGE_FULL', 'Full.')).toBe(false);
  });

  it('is recognised by its code, and as the error of another copy of this package', async () => {
    const error = new KvError('KV_STORAGE_FULL', 'Full.');
    expect(isKvError(error)).toBe(true);
    expect(isKvError(error, 'KV_STORAGE_FULL')).toBe(true);
    expect(isKvError(error, 'KV_KEY_INVALID')).toBe(false);
    for (const other of [new Error('x'), undefined, null, 'KvError', { code: 'KV_STORAGE_FULL' }]) {
      expect(isKvError(other)).toBe(false);
    }
    const copy = (await import('@kv/core')) as unknown as { KvError: typeof KvError };
    expect(copy.KvError).not.toBe(KvError);
    expect(isKvError(new copy.KvError('KV_STORAGE_FULL', 'Full.'), 'KV_STORAGE_FULL')).toBe(true);
  });
});

it('has a heading in docs/reference/errors.md for every code, and for no other', () => {
  const page = readFileSync(new URL('../../../docs/reference/errors.md', import.meta.url), 'utf8');
  const headings = [...page.matchAll(/^## `(.+)`$/gm)].map(([, code]) => code);
  expect(headings).toEqual([...KV_ERROR_CODES]);
  expect([...KV_ERROR_CODES]).toEqual([...KV_ERROR_CODES].toSorted());
  for (const section of page.split(/^## /m).slice(1))
    expect(section.split('\n').filter(Boolean).length).toBeGreaterThan(2);
});
