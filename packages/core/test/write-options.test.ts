import { describe, expect, it } from 'vitest';
import { assertPreconditions, isConditional, isKvError } from '../src/index.js';
import type { WriteOptions } from '../src/index.js';

function holds(options: WriteOptions, etag: string | undefined): boolean {
  try {
    assertPreconditions('key', options, etag);
    return true;
  } catch (error) {
    if (!isKvError(error, 'KV_PRECONDITION_FAILED')) throw error;
    return false;
  }
}

describe('isConditional', () => {
  it('is true with either condition', () => {
    expect(isConditional()).toBe(false);
    expect(isConditional({ ifMatch: undefined })).toBe(false);
    expect(isConditional({ ifMatch: 'a' })).toBe(true);
    expect(isConditional({ ifNoneMatch: '*' })).toBe(true);
  });

  it('refuses what is no etag', () => {
    expect(() => isConditional({ ifMatch: '' })).toThrow('"ifMatch" must be an etag or "*", not empty');
    expect(() => isConditional({ ifNoneMatch: null as unknown as string })).toThrow(TypeError);
    expect(() => isConditional({ ifNoneMatch: 5 as unknown as string })).toThrow('not number');
  });
});

describe('assertPreconditions', () => {
  it.each<[WriteOptions, string | undefined, boolean]>([
    [{}, undefined, true],
    [{}, 'a', true],
    [{ ifMatch: 'a' }, 'a', true],
    [{ ifMatch: 'a' }, 'b', false],
    [{ ifMatch: 'a' }, undefined, false],
    [{ ifMatch: '*' }, 'a', true],
    [{ ifMatch: '*' }, undefined, false],
    [{ ifNoneMatch: '*' }, undefined, true],
    [{ ifNoneMatch: '*' }, 'a', false],
    [{ ifNoneMatch: 'a' }, 'a', false],
    [{ ifNoneMatch: 'a' }, 'b', true],
    [{ ifNoneMatch: 'a' }, undefined, true],
    [{ ifMatch: 'a', ifNoneMatch: '*' }, 'a', false],
    [{ ifMatch: 'a', ifNoneMatch: 'b' }, 'a', true],
  ])('%o with the etag %s: %s', (options, etag, expected) => {
    expect(holds(options, etag)).toBe(expected);
  });

  it('says what the record has, and what was asked', () => {
    expect(() => assertPreconditions('state', { ifMatch: 'a' }, 'b')).toThrow(
      'The record "state" was left as it is, because its etag is "b" and the condition is ifMatch "a".',
    );
    expect(() => assertPreconditions('state', { ifNoneMatch: '*' }, 'b')).toThrow('the condition is ifNoneMatch "*"');
    expect(() => assertPreconditions('state', { ifMatch: '*' }, undefined)).toThrow('there is no such record');
  });
});
