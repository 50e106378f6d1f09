import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  assertKeyPrefix,
  assertRecordKey,
  assertStorageAlias,
  assertStorageName,
  createStorageId,
  isKvError,
  isRecordKey,
  resolveListKeysOptions,
  resolveStorageRef,
} from '../src/index.js';

function errorOf(action: () => unknown): Error {
  try {
    action();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}

describe('record keys', () => {
  it.each(['a', 'INPUT', 'photo.png', "!-_.'()", '...', '.a', 'a.', 'CON', 'x'.repeat(256)])('accepts %j', (key) => {
    expect(() => assertRecordKey(key)).not.toThrow();
  });

  it.each([
    ['', 'is empty'],
    ['.', 'is reserved, because URLs collapse it'],
    ['..', 'is reserved, because URLs collapse it'],
    ['a/b', 'contains "/" (U+002F) at position 2'],
    ['ž', 'contains "ž" (U+017E) at position 1'],
    ['ab\u200b', 'contains "\u200b" (U+200B) at position 3'],
    ['a😀', 'contains "😀" (U+1F600) at position 2'],
    ['a\n', 'contains "\\n" (U+000A) at position 2'],
    ['x'.repeat(257), 'is 257 characters long'],
  ])('refuses %j and says why', (key, problem) => {
    const error = errorOf(() => assertRecordKey(key));
    expect(isKvError(error, 'KV_KEY_INVALID')).toBe(true);
    expect(error.message).toContain(`${problem}. A key has 1 to 256 characters of a-zA-Z0-9!-_.'().`);
    expect(isRecordKey(key)).toBe(false);
  });

  it('refuses what is not a string with a TypeError', () => {
    expect(errorOf(() => assertRecordKey(undefined)).message).toBe('The key must be a string, not undefined.');
    expect(() => assertRecordKey(5)).toThrow(TypeError);
    expect(() => assertKeyPrefix(null)).toThrow('The key prefix must be a string, not null.');
  });

  it('accepts every prefix of a legal key', () => {
    for (const prefix of ['', '.', '..', 'a.b']) expect(() => assertKeyPrefix(prefix)).not.toThrow();
    expect(
      isKvError(
        errorOf(() => assertKeyPrefix('a*')),
        'KV_KEY_INVALID',
      ),
    ).toBe(true);
  });
});

describe('storage names and aliases', () => {
  it.each(['a', 'my-store', 'A1', 'x'.repeat(63)])('accepts the name %j', (name) => {
    expect(() => assertStorageName(name)).not.toThrow();
  });

  it.each([
    ['', 'is empty'],
    ['-a', 'begins or ends with a hyphen'],
    ['a-', 'begins or ends with a hyphen'],
    ['a_b', 'contains "_" (U+005F) at position 2'],
    ['x'.repeat(64), 'is 64 characters long'],
  ])('refuses the name %j and says why', (name, problem) => {
    const error = errorOf(() => assertStorageName(name));
    expect(isKvError(error, 'KV_NAME_INVALID')).toBe(true);
    expect(error.message).toContain(problem);
  });

  it('holds aliases to the characters of keys', () => {
    for (const alias of ['my_alias', 'a.b', '__default__']) expect(() => assertStorageAlias(alias)).not.toThrow();
    for (const alias of ['', '..', 'a/b', 'x'.repeat(64)]) {
      expect(
        isKvError(
          errorOf(() => assertStorageAlias(alias)),
          'KV_NAME_INVALID',
        ),
      ).toBe(true);
    }
  });
});

describe('resolveStorageRef', () => {
  it('tells the four forms apart', () => {
    expect(resolveStorageRef({})).toEqual({ type: 'default' });
    expect(resolveStorageRef({ id: 'x' })).toEqual({ type: 'id', id: 'x' });
    expect(resolveStorageRef({ name: 'x', id: undefined })).toEqual({ type: 'name', name: 'x' });
    expect(resolveStorageRef({ alias: 'x' })).toEqual({ type: 'alias', alias: 'x' });
    expect(resolveStorageRef({ alias: 'default' })).toEqual({ type: 'default' });
    expect(resolveStorageRef({ alias: '__default__' })).toEqual({ type: 'default' });
  });

  it('refuses more than one of them, and anything else', () => {
    expect(errorOf(() => resolveStorageRef({ id: 'x', name: 'y' })).message).toBe(
      'A storage is given by one of id, name and alias, not by id and name at once.',
    );
    expect(() => resolveStorageRef('x' as never)).toThrow(TypeError);
    expect(() => resolveStorageRef({ id: 5 } as never)).toThrow(TypeError);
    expect(() => resolveStorageRef({ nmae: 'x' } as never)).toThrow('there is no "nmae"');
    expect(
      isKvError(
        errorOf(() => resolveStorageRef({ name: '' })),
        'KV_NAME_INVALID',
      ),
    ).toBe(true);
  });
});

it('creates ids of 17 letters and digits that do not repeat', () => {
  const ids = new Set(Array.from({ length: 10_000 }, createStorageId));
  expect(ids.size).toBe(10_000);
  for (const id of ids) expect(id).toMatch(/^[a-zA-Z0-9]{17}$/);
});

it('creates ids whose characters are all as likely, wherever they stand', () => {
  const counts = Array.from({ length: 17 }, () => new Map<string, number>());
  const total = 100_000;
  for (let n = 0; n < total; n += 1) {
    for (const [at, character] of [...createStorageId()].entries()) {
      counts[at]?.set(character, (counts[at].get(character) ?? 0) + 1);
    }
  }
  const expected = total / 62;
  for (const places of counts) {
    const chiSquare = [...places.values()].reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    expect(places.size).toBe(62);
    // 61 degrees of freedom: chance alone goes beyond this at one place in four hundred million.
    expect(chiSquare).toBeLessThan(150);
  }
});

describe('resolveListKeysOptions', () => {
  it('fills in the defaults', () => {
    expect(resolveListKeysOptions()).toEqual({ prefix: '', exclusiveStartKey: undefined, limit: 1000 });
  });

  it('refuses limits that are not whole numbers from 1 to 1000', () => {
    fc.assert(
      fc.property(fc.oneof(fc.integer({ max: 0 }), fc.integer({ min: 1001 }), fc.constant(1.5)), (limit) => {
        expect(() => resolveListKeysOptions({ limit })).toThrow(RangeError);
      }),
    );
    expect(() => resolveListKeysOptions({ limit: '5' as never })).toThrow(TypeError);
  });
});
