import { createBackend } from '../../src/index.js';
import type { FsBackendOptions } from '../../src/index.js';
import { toBytes, toValue } from './operation.js';
import type { Operation, Result, RunTool } from './operation.js';
import type { KeyValueStoreBackend } from '@kv/core';

/** Does operations with this package. */
export function runKv(options: FsBackendOptions = {}): RunTool {
  return async (dir, operations) => {
    await using backend = createBackend({ ...options, dir });
    const store = await backend.openKeyValueStore({ name: 'interop' });
    const results: Result[] = [];
    for (const operation of operations) results.push(await run(store, operation));
    return results;
  };
}

async function run(store: KeyValueStoreBackend, operation: Operation): Promise<Result> {
  switch (operation.name) {
    case 'set':
      await store.setRecord({ ...operation, value: toBytes(operation) });
      return null;
    case 'delete':
      await store.deleteRecord(operation.key);
      return null;
    case 'get': {
      const record = await store.getRecord(operation.key);
      return record ? toValue(record.value, record.contentType) : null;
    }
    default:
      return (await store.listKeys()).items.map(({ key }) => key);
  }
}
