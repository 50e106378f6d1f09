import { expect, it } from 'vitest';
import { HTTP_ERRORS, KV_ERROR_CODES } from '../src/index.js';

it('maps each state to one answer over HTTP, and each answer to one state', () => {
  const codes = HTTP_ERRORS.map(({ code }) => code);
  expect(new Set(codes).size).toBe(codes.length);
  expect(KV_ERROR_CODES).toEqual(expect.arrayContaining(codes));
  expect(new Set(HTTP_ERRORS.map(({ type }) => type)).size).toBe(HTTP_ERRORS.length);
});

it('has a status that clients repeat only for states that may pass', () => {
  const repeated = HTTP_ERRORS.filter(({ status }) => status >= 500).map(({ code }) => code);
  expect(repeated).toEqual(['KV_BACKEND_CLOSED', 'KV_BACKEND_FAILED', 'KV_STORAGE_BUSY', 'KV_STORAGE_FULL']);
  expect(HTTP_ERRORS.every(({ status, type }) => status >= 400 && /^[a-z]+(-[a-z]+)+$/.test(type))).toBe(true);
});
