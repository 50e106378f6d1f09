import assert from 'node:assert/strict';
import { isKvError } from '@kv/core';
import type { KeyValueStoreBackend, WriteOptions } from '@kv/core';
import { bytes, show } from './bytes.js';
import { TEXT } from './records.js';
import { errorOf } from './rejects.js';
import { readAll, streamOf } from './streams.js';

/** The conditions of a write. */
export type Condition = Pick<WriteOptions, 'ifMatch' | 'ifNoneMatch'>;

/** A write or a deletion of a record under a condition. */
export interface ConditionalOperation {
  readonly name: string;
  readonly run: (store: KeyValueStoreBackend, key: string, options: WriteOptions) => Promise<void>;
  /** The text that it leaves; `undefined` for no record. */
  readonly result: string | undefined;
}

/** The three operations that take conditions. */
export const CONDITIONAL_OPERATIONS: readonly ConditionalOperation[] = [
  { name: 'setRecord', run: async (store, key, options) => putIf(store, key, 'new', options), result: 'new' },
  {
    name: 'setRecord of a stream',
    run: async (store, key, options) =>
      store.setRecord({ key, value: streamOf([bytes('n'), bytes('ew')]), contentType: TEXT }, options),
    result: 'new',
  },
  {
    name: 'deleteRecord',
    run: async (store, key, options) => store.deleteRecord(key, options),
    result: undefined,
  },
];

/** Stores a text under a condition. */
export async function putIf(
  store: KeyValueStoreBackend,
  key: string,
  text: string,
  options: WriteOptions,
): Promise<void> {
  await store.setRecord({ key, value: bytes(text), contentType: TEXT }, options);
}

/** Tells whether an operation was done, or its condition not met. */
export async function isDone(operation: Promise<unknown>): Promise<boolean> {
  return operation.then(
    () => true,
    (error: unknown) => {
      if (isKvError(error, 'KV_PRECONDITION_FAILED')) return false;
      throw error;
    },
  );
}

/** Asserts that a condition is not met, and that the error tells of which record, and of what version of it. */
export async function rejectsCondition(
  name: string,
  operation: () => Promise<unknown>,
  told: { readonly key: string; readonly etag: string | undefined },
): Promise<void> {
  const error = await errorOf(name, operation);
  assert.ok(isKvError(error, 'KV_PRECONDITION_FAILED'), `${name} raises ${String(error)}, not KV_PRECONDITION_FAILED`);
  assert.deepEqual({ key: error.details['key'], etag: error.details['etag'] }, told, `the details of ${name}`);
}

/** A value, and the etag of the same version. */
export interface Version {
  readonly text: string;
  readonly etag: string;
}

/** Reads a version of a record that exists. */
export async function readVersion(store: KeyValueStoreBackend, key: string): Promise<Version> {
  const opened = await store.getRecordStream(key);
  assert.ok(opened, `there is a record ${key}`);
  return { text: show(await readAll(opened.stream)), etag: opened.etag };
}

/** More than any writer loses, when each time that one loses another wins. */
const MOST_ATTEMPTS = 500;

/** Adds one to the number in a record, again and again until nobody has come in between. */
export async function increment(store: KeyValueStoreBackend, key: string): Promise<void> {
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
    const { text, etag } = await readVersion(store, key);
    if (await isDone(putIf(store, key, String(Number(text) + 1), { ifMatch: etag }))) return;
  }
  assert.fail(`none of ${MOST_ATTEMPTS} writes was done under the etag that was just read`);
}
