import type { KeyValueStoreBackend, OperationOptions, StorageBackend } from '@kv/core';
import { bytes } from './bytes.js';
import type { NamedOperation } from './rejects.js';
import { TEXT } from './records.js';

/** Every operation on a store, each with legal arguments. What needs a capability is left out where it is missing. */
export function storeOperations(
  store: KeyValueStoreBackend,
  backend: StorageBackend,
  options?: OperationOptions,
): NamedOperation[] {
  const value = bytes('new');
  return [
    ['getInfo', () => store.getInfo(options)],
    ['update', () => store.update({ title: 'A title' }, options)],
    ['purge', () => store.purge(options)],
    ['getRecord', () => store.getRecord('key', options)],
    ['getRecordStream', async () => (await store.getRecordStream('key', options))?.stream.cancel()],
    ['getRecordBody', async () => store.getRecordBody('key', options)],
    ['getRecordInfo', () => store.getRecordInfo('key', options)],
    ['setRecord', () => store.setRecord({ key: 'key', value, contentType: TEXT }, options)],
    ['setRecord of a stream', () => store.setRecord(streamRecord(value), options)],
    ...(backend.capabilities.conditionalWrites ? conditionalOperations(store, options) : []),
    ['deleteRecord', () => store.deleteRecord('key', options)],
    ['listKeys', () => store.listKeys(options)],
    ...(backend.capabilities.publicUrls
      ? [['getPublicUrl', () => store.getPublicUrl('key', options)] satisfies NamedOperation]
      : []),
    ['drop', () => store.drop(options)],
  ];
}

/** Operations that change a store, of which the last one ends it. */
export function changingOperations(store: KeyValueStoreBackend): NamedOperation[] {
  const value = bytes('new');
  return [
    ['setRecord', () => store.setRecord({ key: 'key', value, contentType: TEXT })],
    ['setRecord of a stream', () => store.setRecord(streamRecord(value))],
    ['deleteRecord', () => store.deleteRecord('key')],
    ['update', () => store.update({ title: 'A title' })],
    ['purge', () => store.purge()],
    ['drop', () => store.drop()],
  ];
}

/** Every operation of a backend that takes options, each with legal arguments. */
export function backendOperations(backend: StorageBackend, options?: OperationOptions): NamedOperation[] {
  return [
    ['openKeyValueStore', () => backend.openKeyValueStore({ name: 'other' }, options)],
    ['findKeyValueStore', () => backend.findKeyValueStore({ name: 'other' }, options)],
    ['listKeyValueStores', () => backend.listKeyValueStores(options)],
    ...(backend.capabilities.purge ? [['purge', () => backend.purge(options)] satisfies NamedOperation] : []),
  ];
}

function conditionalOperations(store: KeyValueStoreBackend, options?: OperationOptions): NamedOperation[] {
  const record = { key: 'key', value: bytes('new'), contentType: TEXT };
  const ifMatch = '*';
  return [
    ['setRecord with a condition', () => store.setRecord(record, { ...options, ifMatch })],
    ['deleteRecord with a condition', () => store.deleteRecord('key', { ...options, ifMatch })],
  ];
}

function streamRecord(value: Uint8Array): { key: string; value: ReadableStream<Uint8Array>; contentType: string } {
  return { key: 'key', value: new Blob([value]).stream(), contentType: TEXT };
}
