import { isKvError } from '@kv/core';
import type { KeyValueStoreBackend } from '@kv/core';

/** Passes everything on to a store's backend, and tells when that says that the store is gone. */
export function watchLoss(backend: KeyValueStoreBackend, onLost: () => void): KeyValueStoreBackend {
  async function watch<T>(operation: Promise<T>): Promise<T> {
    try {
      return await operation;
    } catch (error) {
      if (isKvError(error, 'KV_STORAGE_NOT_FOUND')) onLost();
      throw error;
    }
  }
  return {
    id: backend.id,
    getInfo: (options) => watch(backend.getInfo(options)),
    update: (changes, options) => watch(backend.update(changes, options)),
    drop: (options) => watch(backend.drop(options)),
    purge: (options) => watch(backend.purge(options)),
    getRecord: (key, options) => watch(backend.getRecord(key, options)),
    getRecordStream: (key, options) => watch(backend.getRecordStream(key, options)),
    getRecordBody: (key, options) => watch(backend.getRecordBody(key, options)),
    getRecordInfo: (key, options) => watch(backend.getRecordInfo(key, options)),
    setRecord: (record, options) => watch(backend.setRecord(record, options)),
    deleteRecord: (key, options) => watch(backend.deleteRecord(key, options)),
    listKeys: (options) => watch(backend.listKeys(options)),
    getPublicUrl: (key, options) => watch(backend.getPublicUrl(key, options)),
  };
}
