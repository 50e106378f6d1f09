import { resolve } from 'node:path';
import { KvError, resolveStorageRef } from '@kv/core';
import type { KeyValueStoreBackend, StorageBackend } from '@kv/core';
import type { FsBackendOptions } from './fs-backend-options.js';
import { createFsKeyValueStore, toInfo } from './fs-key-value-store.js';
import { toKvError } from './io/file-error.js';
import type { StoreDirectory } from './store/store-directory.js';
import { Stores } from './store/stores.js';
import type { FoundStore } from './store/stores.js';

const DURABILITIES: readonly unknown[] = ['rename', 'fsync'];

/**
 * Creates a backend on a local directory, where every record is a file that people can read and edit.
 *
 * Writes are atomic: a reader, in this process or another, sees the old record or the new one. Nothing is created before the
 * first store is opened. Files placed by hand are records too: `INPUT.json` is the record `INPUT`.
 *
 * @throws `TypeError` when an option has the wrong type.
 *
 * @example
 * ```ts
 * import { createBackend } from '@kv/fs';
 *
 * await using backend = createBackend({ dir: './storage' });
 * const store = await backend.openKeyValueStore({ name: 'pictures' });
 * await store.setRecord({ key: 'dot', value: new Uint8Array([0]), contentType: 'image/x-dot' });
 * ```
 */
export function createBackend(options: FsBackendOptions = {}): StorageBackend {
  const { dir = './storage', durability = 'rename', defaultKeyValueStoreId: defaultId = 'default' } = options;
  if (typeof dir !== 'string' || dir === '') throw new TypeError('The option "dir" must be the path of a directory.');
  if (!DURABILITIES.includes(durability)) throw new TypeError('The option "durability" must be "rename" or "fsync".');
  const location = resolve(dir);
  const stores = new Stores({ root: location, durability, defaultId });
  const handles = new Map<string, { store: StoreDirectory; handle: KeyValueStoreBackend }>();
  let swept: Promise<void> | undefined;
  let isClosed = false;

  function assertOpen(): void {
    if (!isClosed) return;
    throw new KvError('KV_BACKEND_CLOSED', `The backend of ${location} is closed. Create another one.`, {
      details: { location },
    });
  }

  /** All opens of a store share one handle, so that they know of its renames and of its end. */
  function handleOf({ place, metadata }: FoundStore): KeyValueStoreBackend {
    const { id } = metadata;
    const path = stores.path(place);
    const known = handles.get(id);
    if (known) {
      known.store.path = path;
      return known.handle;
    }
    const ignoresCase = metadata.ignoresCase ?? stores.ignoresCase(place);
    const store: StoreDirectory = { id, path, ignoresCase, temp: stores.temp, durability };
    const handle = createFsKeyValueStore({ stores, store, assertOpen, onDrop: () => handles.delete(id) });
    handles.set(id, { store, handle });
    return handle;
  }

  /** Runs on files; what processes that are no more have left behind is removed first, once. */
  async function run<T>(operation: () => T | Promise<T>): Promise<T> {
    assertOpen();
    try {
      await (swept ??= stores.sweep());
      return await operation();
    } catch (error) {
      swept = undefined;
      throw toKvError(error, location);
    }
  }

  const backend: StorageBackend = {
    name: 'fs',
    location,
    capabilities: { purge: true, publicUrls: true },

    async openKeyValueStore(ref, openOptions) {
      const resolved = resolveStorageRef(ref);
      openOptions?.signal?.throwIfAborted();
      return run(() => {
        const found = resolved.type === 'id' ? stores.findById(resolved.id) : stores.open(resolved);
        if (found) return handleOf(found);
        throw new KvError('KV_STORAGE_NOT_FOUND', `There is no key-value store with the id ${JSON.stringify(ref.id)} in ${location}.`, {
          details: { id: ref.id, location },
        });
      });
    },

    async findKeyValueStore(ref, findOptions) {
      const resolved = resolveStorageRef(ref);
      findOptions?.signal?.throwIfAborted();
      return run(() => {
        const found = stores.find(resolved);
        return found && toInfo(found.metadata, stores.path(found.place));
      });
    },

    async listKeyValueStores(listOptions) {
      listOptions?.signal?.throwIfAborted();
      return run(() => {
        const infos = stores.list().map(({ metadata, place }) => toInfo(metadata, stores.path(place)));
        return infos.sort((a, b) => a.createdAt.getTime() - b.createdAt.getTime() || (a.id < b.id ? -1 : 1));
      });
    },

    async purge(purgeOptions) {
      return run(() => Promise.all(stores.listRunScoped().map((found) => handleOf(found).purge(purgeOptions))));
    },

    async close() {
      isClosed = true;
    },

    [Symbol.asyncDispose]: () => backend.close(),
  };
  return backend;
}
