import type { BackendOptions, StorageBackend } from '@kv/core';
import { TemplateDatabase } from './template-database.js';
import { TemplateStorageBackend } from './template-storage-backend.js';

/**
 * Creates a backend that keeps key-value stores in template.
 *
 * @example
 * ```ts
 * import { createBackend } from '@kv/template';
 *
 * const backend = createBackend();
 * const store = await backend.openKeyValueStore({ name: 'pictures' });
 * await store.setRecord({ key: 'dot', value: new Uint8Array([0]), contentType: 'image/x-dot' });
 * console.log(await store.listKeys());
 * await backend.close();
 * ```
 */
export function createBackend(options: BackendOptions = {}): StorageBackend {
  const { defaultKeyValueStoreId: defaultId = 'default' } = options;
  return new TemplateStorageBackend(new TemplateDatabase(), defaultId);
}
