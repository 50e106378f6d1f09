import type { KeyValueStoreBackend, StorageBackend, WriteOptions } from '@kv/core';
import { stampedBytes, streamOf } from '../stamped-value.ts';
import type { CrashOperation, DeleteOperation, SetOperation } from './crash-operation.ts';

/** Does an operation to a real directory; gives the id of a store that was opened. */
export async function runOperation(backend: StorageBackend, operation: CrashOperation): Promise<string> {
  const store = await backend.openKeyValueStore(operation.store === 'default' ? {} : { name: operation.store });
  switch (operation.type) {
    case 'set':
      await runSet(store, operation);
      break;
    case 'delete':
      await store.deleteRecord(operation.key, await conditionOf(store, operation));
      break;
    case 'rename':
      await store.update({ name: operation.to });
      break;
    case 'purge':
      await (operation.store === 'default' ? backend.purge() : store.purge());
      break;
    case 'drop':
      await store.drop();
      break;
    case 'open':
  }
  return store.id;
}

async function runSet(store: KeyValueStoreBackend, operation: SetOperation): Promise<void> {
  const { key, stamp, isStream } = operation;
  const bytes = stampedBytes(stamp);
  const value = isStream === true ? streamOf(bytes) : bytes;
  const { contentType, contentEncoding } = stamp;
  await store.setRecord({ key, value, contentType, contentEncoding }, await conditionOf(store, operation));
}

async function conditionOf(
  store: KeyValueStoreBackend,
  { key, isConditional }: SetOperation | DeleteOperation,
): Promise<WriteOptions> {
  if (isConditional !== true) return {};
  const info = await store.getRecordInfo(key);
  return info ? { ifMatch: info.etag } : { ifNoneMatch: '*' };
}
