import assert from 'node:assert/strict';
import type { KeyValueStoreBackend, StorageBackend } from '@kv/core';
import type { CaseContext, ConformanceCase } from '../conformance-case.js';

/** Two handles of one store, of the same backend or of two. */
export type Handles = readonly [KeyValueStoreBackend, KeyValueStoreBackend];

/** Gives the function that opens another backend on the place of the case; asserts that the test has given one. */
export function assertReopen(name: string, reopen: CaseContext['reopen']): () => Promise<StorageBackend> {
  const message = `The backend ${name} declares persistent, so the suite must open its place again: give describeKeyValueStoreBackend the option reopen.`;
  assert.ok(reopen, message);
  return reopen;
}

/** Makes the body of a case that opens its place again. */
export function withReopen(
  run: (backend: StorageBackend, reopen: () => Promise<StorageBackend>) => Promise<void>,
): ConformanceCase['run'] {
  return async ({ backend, reopen }) => run(backend, assertReopen(backend.name, reopen));
}

/** Makes the body of a case that works on two backends of one place, both open. */
export function onOnePlace(run: (one: StorageBackend, two: StorageBackend) => Promise<void>): ConformanceCase['run'] {
  return withReopen(async (backend, reopen) => run(backend, await reopen()));
}

/** Makes the body of a case that has one store open in two backends. */
export function inBothBackends(run: (handles: Handles) => Promise<void>): ConformanceCase['run'] {
  return onOnePlace(async (one, two) => {
    const ref = { name: 'records' };
    await run([await one.openKeyValueStore(ref), await two.openKeyValueStore(ref)]);
  });
}
