import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { KeyValueStoreBackend, StorageRef } from '@kv/core';
import { createBackend } from '../src/index.js';
import type { FsBackend, FsBackendOptions } from '../src/index.js';

export const JSON_TYPE = 'application/json; charset=utf-8';

/** Makes a directory for one test. */
export function tempDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'kv-fs-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

export interface Opened {
  readonly dir: string;
  readonly backend: FsBackend;
  readonly store: KeyValueStoreBackend;
  /** Directory of the store. */
  readonly path: string;
}

/** Opens a store in a fresh directory, the default one unless told otherwise. */
export async function openStore(options: FsBackendOptions = {}, ref: StorageRef = {}): Promise<Opened> {
  const dir = options.dir ?? tempDir();
  const backend = createBackend({ ...options, dir });
  const store = await backend.openKeyValueStore(ref);
  return { dir, backend, store, path: join(dir, 'key_value_stores', ref.name ?? ref.alias ?? 'default') };
}

export async function put(
  store: KeyValueStoreBackend,
  key: string,
  value: string,
  contentType: string = JSON_TYPE,
): Promise<void> {
  await store.setRecord({ key, value: Buffer.from(value), contentType });
}

/** Reads a record as text and type; `undefined` when there is none. */
export async function get(store: KeyValueStoreBackend, key: string): Promise<[string, string] | undefined> {
  const record = await store.getRecord(key);
  return record && [Buffer.from(record.value).toString(), record.contentType];
}

/** Lists all keys with their sizes, through pages of the given size. */
export async function listAll(store: KeyValueStoreBackend, limit = 1000, prefix?: string): Promise<[string, number][]> {
  const all: [string, number][] = [];
  let exclusiveStartKey: string | undefined;
  for (;;) {
    const page = await store.listKeys({ limit, prefix, exclusiveStartKey });
    all.push(...page.items.map(({ key, size }): [string, number] => [key, size]));
    if (page.nextExclusiveStartKey === null) return all;
    exclusiveStartKey = page.nextExclusiveStartKey;
  }
}

export async function rejection(
  promise: Promise<unknown>,
): Promise<Error & { code?: string; details?: Record<string, unknown> }> {
  return promise.then(
    () => Promise.reject(new Error('it did not reject')),
    (error: Error) => error,
  );
}
