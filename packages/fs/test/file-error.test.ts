import { runInNewContext } from 'node:vm';
import { isKvError } from '@kv/core';
import { expect, it } from 'vitest';
import { isFileError, toKvError } from '../src/io/file-error.js';

it('knows errors of the system that come from another realm, as under jest', () => {
  const source = `Object.assign(new Error('no such file'), { syscall: 'open', code: 'EACCES', path: '/data' })`;
  const error: unknown = runInNewContext(source);
  expect(error instanceof Error).toBe(false);
  expect([isFileError(error), isFileError(error, 'EACCES'), isFileError(error, 'ENOENT')]).toEqual([true, true, false]);
  expect(isKvError(toKvError(error, '/place'), 'KV_ACCESS_DENIED')).toBe(true);
});

it.each([undefined, null, 'EACCES', new Error('other'), { code: 'EACCES' }])('takes %j for no such error', (error) => {
  expect(isFileError(error)).toBe(false);
  expect(toKvError(error, '/place')).toBe(error);
});
