import assert from 'node:assert/strict';
import type { KeyValueStoreBackend, RecordInfo, StorageBackend } from '@kv/core';
import type { CaseContext } from '../conformance-case.js';
import { bytes, show } from './bytes.js';
import { readAll, readBody } from './streams.js';

/** The content type of records whose type does not matter. */
export const TEXT: string = 'text/plain; charset=utf-8';

/** Makes the body of a case that works on the records of one store. */
export function inStore(
  run: (store: KeyValueStoreBackend, backend: StorageBackend) => Promise<void>,
): (context: CaseContext) => Promise<void> {
  return async ({ backend }) => run(await backend.openKeyValueStore({ name: 'records' }), backend);
}

/** Stores a text. */
export async function put(
  store: KeyValueStoreBackend,
  key: string,
  text: string,
  contentType: string = TEXT,
): Promise<void> {
  await store.setRecord({ key, value: bytes(text), contentType });
}

/** Stores many small records, some at a time. */
export async function putAll(store: KeyValueStoreBackend, keys: readonly string[]): Promise<void> {
  for (let index = 0; index < keys.length; index += 50) {
    await Promise.all(keys.slice(index, index + 50).map((key) => put(store, key, key)));
  }
}

/** Asserts that a record is there, and the same in every way of looking at it. */
export async function assertRecord(
  store: KeyValueStoreBackend,
  key: string,
  value: string | Uint8Array,
  contentType: string = TEXT,
): Promise<RecordInfo> {
  const expected = show(typeof value === 'string' ? bytes(value) : value);
  const size = expected.length;
  const record = await store.getRecord(key);
  assert.ok(record, `getRecord finds no record ${key}`);
  assert.ok(record.value instanceof Uint8Array, 'the value of getRecord is a Uint8Array');
  assert.deepEqual(
    { key: record.key, value: show(record.value), contentType: record.contentType },
    { key, value: expected, contentType },
  );
  const info = await store.getRecordInfo(key);
  assert.ok(info, `getRecordInfo finds no record ${key}`);
  assert.deepEqual(
    { key: info.key, size: info.size, contentType: info.contentType },
    { key, size, contentType },
    'getRecordInfo tells of the record that getRecord gives',
  );
  const opened = await store.getRecordStream(key);
  assert.ok(opened, `getRecordStream finds no record ${key}`);
  const { stream, ...streamInfo } = opened;
  assert.deepEqual(pickInfo(streamInfo), pickInfo(info), 'getRecordStream tells the same as getRecordInfo');
  assert.equal(show(await readAll(stream)), expected, 'the stream gives the bytes that getRecord gives');
  const body = await store.getRecordBody(key);
  assert.ok(body, `getRecordBody finds no record ${key}`);
  assert.deepEqual(pickInfo(body), pickInfo(info), 'getRecordBody tells the same as getRecordInfo');
  assert.equal(show(await readBody(body.value)), expected, 'getRecordBody gives the bytes that getRecord gives');
  const { items } = await store.listKeys({ prefix: key, limit: 1 });
  assert.deepEqual(items.map(pickKeyInfo), [{ key, size }], 'listKeys tells of the record');
  return info;
}

/** Asserts that there is no record, however one looks for it. */
export async function assertAbsent(store: KeyValueStoreBackend, key: string): Promise<void> {
  assert.equal(await store.getRecord(key), undefined, `getRecord gives a record ${key}`);
  assert.equal(await store.getRecordInfo(key), undefined, `getRecordInfo gives a record ${key}`);
  assert.equal(await store.getRecordStream(key), undefined, `getRecordStream gives a record ${key}`);
  assert.equal(await store.getRecordBody(key), undefined, `getRecordBody gives a record ${key}`);
  const { items } = await store.listKeys({ prefix: key, limit: 1 });
  assert.ok(!items.some((item) => item.key === key), `listKeys lists ${key}`);
}

function pickInfo({ key, contentType, contentEncoding, size, etag, modifiedAt }: RecordInfo): RecordInfo {
  return { key, contentType, contentEncoding, size, etag, modifiedAt };
}

function pickKeyInfo({ key, size }: { key: string; size: number }): { key: string; size: number } {
  return { key, size };
}
