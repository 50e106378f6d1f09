import { MemoryStorage } from '@crawlee/memory-storage';
import { toBytes, toValue } from './operation.js';
import type { Operation, Result, RunTool } from './operation.js';

type Store = ReturnType<MemoryStorage['keyValueStore']>;

/** Does operations with the storage of Crawlee 3 and Apify SDK 3, which reads the directory when it opens the store. */
export function runCrawlee3({ writeMetadata }: { readonly writeMetadata: boolean }): RunTool {
  return async (dir, operations) => {
    const storage = new MemoryStorage({ localDataDirectory: dir, writeMetadata });
    const { id } = await storage.keyValueStores().getOrCreate('interop');
    const results: Result[] = [];
    for (const operation of operations) results.push(await run(storage.keyValueStore(id), operation));
    await storage.teardown();
    return results;
  };
}

async function run(store: Store, operation: Operation): Promise<Result> {
  switch (operation.name) {
    case 'set':
      await store.setRecord({
        key: operation.key,
        value: operation.base64 === undefined ? toBytes(operation).toString() : toBytes(operation),
        contentType: operation.contentType,
      });
      return null;
    case 'delete':
      await store.deleteRecord(operation.key);
      return null;
    case 'get': {
      const record = await store.getRecord(operation.key, { buffer: true });
      return record ? toValue(record.value as Buffer, record.contentType as string) : null;
    }
    default:
      return (await store.listKeys()).items.map(({ key }) => key);
  }
}
