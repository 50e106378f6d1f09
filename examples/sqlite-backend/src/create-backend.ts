import { join, resolve } from 'node:path';
import type { BackendOptions, StorageBackend } from '@kv/core';
import { SqliteDatabase } from './sqlite-database.js';
import { SqliteStorageBackend } from './sqlite-storage-backend.js';

/**
 * Creates a backend that keeps key-value stores in SQLite: in the file `kv.sqlite` of the directory `dir`.
 *
 * @throws `KvError` `KV_ACCESS_DENIED`, `KV_STORAGE_CORRUPT` when the file cannot be opened, or is no database.
 *
 * @example
 * ```ts
 * import { createBackend } from 'kv-sqlite';
 *
 * const backend = createBackend({ dir: './storage' });
 * const store = await backend.openKeyValueStore({ name: 'pictures' });
 * await store.setRecord({ key: 'dot', value: new Uint8Array([0]), contentType: 'image/x-dot' });
 * console.log(await store.listKeys());
 * await backend.close();
 * ```
 */
export function createBackend(options: BackendOptions = {}): StorageBackend {
  const { dir = './storage', defaultKeyValueStoreId: defaultId = 'default' } = options;
  return new SqliteStorageBackend(new SqliteDatabase(resolve(join(dir, 'kv.sqlite'))), defaultId);
}
