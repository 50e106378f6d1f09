import { resolve } from 'node:path';
import { assertStorageAlias } from '@kv/core';
import type { FsBackend } from './fs-backend.js';
import type { FsBackendOptions } from './fs-backend-options.js';
import { FsStorageBackend } from './fs-storage-backend.js';
import type { StoresOptions } from './store/stores.js';
import { ThreadStorageBackend } from './thread/thread-storage-backend.js';

/**
 * Creates a backend on a local directory, where every record is a file that people can read and edit.
 *
 * Writes are atomic: a reader, in this process or another, sees the old record or the new one. Nothing is created before the
 * first store is opened. Files placed by hand are records too: `INPUT.json` is the record `INPUT`.
 *
 * @throws `TypeError` when an option has the wrong type.
 * @throws {@link KvError} `KV_NAME_INVALID` when the id of the default store is not legal as an alias.
 *
 * @example
 * ```ts
 * import { createBackend } from '@kv/fs';
 *
 * const backend = createBackend({ dir: './storage' });
 * const store = await backend.openKeyValueStore({ name: 'pictures' });
 * await store.setRecord({ key: 'dot', value: new Uint8Array([0]), contentType: 'image/x-dot' });
 * await backend.close();
 * ```
 */
export function createBackend(options: FsBackendOptions = {}): FsBackend {
  const { thread = false } = options;
  if (typeof thread !== 'boolean') throw new TypeError('The option "thread" must be true or false.');
  const resolved = resolveOptions(options);
  if (!thread) return new FsStorageBackend(resolved);
  const { root: dir, defaultId: defaultKeyValueStoreId, durability, layout } = resolved;
  return new ThreadStorageBackend({ options: { dir, durability, layout, defaultKeyValueStoreId } });
}

function resolveOptions(options: FsBackendOptions): StoresOptions {
  const { dir = './storage', durability = 'rename', layout = 'kv' } = options;
  const { defaultKeyValueStoreId: defaultId = 'default' } = options;
  if (typeof dir !== 'string' || dir === '') throw new TypeError('The option "dir" must be the path of a directory.');
  if (durability !== 'rename' && durability !== 'fsync') {
    throw new TypeError('The option "durability" must be "rename" or "fsync".');
  }
  if (layout !== 'kv' && layout !== 'crawlee') throw new TypeError('The option "layout" must be "kv" or "crawlee".');
  // It becomes the name of a directory.
  assertStorageAlias(defaultId);
  return { root: resolve(dir), durability, layout, defaultId };
}
