import { purgeRule } from '@kv/core';
import type { KeyValueStoreBackend, PurgeOptions, PurgeResult } from '@kv/core';

/** How many records are deleted at a time. */
const AT_ONCE = 16;

/** Deletes the records of a store one by one, all but those that a purge keeps: the API has no call for it. */
export async function purgeStore(store: KeyValueStoreBackend, options: PurgeOptions = {}): Promise<PurgeResult> {
  const { keepKeys, dryRun = false, signal } = options;
  const isKept = purgeRule(keepKeys);
  const { id, name, alias } = await store.getInfo({ signal });
  const keys = await listAllKeys(store, options);
  const removedKeys = keys.filter((key) => !isKept(key));
  const removed = removedKeys.length;
  const result = { id, label: name ?? alias ?? id, removed, kept: keys.length - removed };
  if (dryRun) return { ...result, removedKeys };
  for (let index = 0; index < removed; index += AT_ONCE) {
    await Promise.all(removedKeys.slice(index, index + AT_ONCE).map((key) => store.deleteRecord(key, { signal })));
  }
  return result;
}

async function listAllKeys(store: KeyValueStoreBackend, { signal }: PurgeOptions): Promise<string[]> {
  const keys: string[] = [];
  let exclusiveStartKey: string | undefined;
  do {
    const { items, nextExclusiveStartKey } = await store.listKeys({ exclusiveStartKey, signal });
    keys.push(...items.map(({ key }) => key));
    exclusiveStartKey = nextExclusiveStartKey ?? undefined;
  } while (exclusiveStartKey !== undefined);
  return keys;
}
