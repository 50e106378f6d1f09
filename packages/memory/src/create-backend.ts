import type { BackendOptions, StorageBackend } from '@kv/core';
import { MemoryStorageBackend } from './memory-storage-backend.js';

/**
 * Creates a backend in memory: for tests, and for reading what a backend does in its shortest form.
 *
 * Every backend is a world of its own, and gone with the process. No buffer is shared with the caller.
 *
 * @example
 * ```ts
 * import { createBackend } from '@kv/memory';
 *
 * const backend = createBackend();
 * const store = await backend.openKeyValueStore({ name: 'pictures' });
 * await store.setRecord({ key: 'dot', value: new Uint8Array([0]), contentType: 'image/x-dot' });
 * console.log(await store.listKeys());
 * await backend.close();
 * ```
 */
export function createBackend(options: BackendOptions = {}): StorageBackend {
  return new MemoryStorageBackend(options.defaultKeyValueStoreId ?? 'default');
}
