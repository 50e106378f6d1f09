import type { KeyValueStoreBackend } from '@kv/core';
import { MIN_VALUE_BYTES } from '../stamped-value.ts';
import { HOT_KEYS, STILL_KEYS } from './work-log.ts';

/**
 * Walks through the keys of a store that others write to.
 *
 * @throws Error unless the keys ascend, those that nobody touches are all there with their sizes, and no others than those
 * that are written to are there besides.
 */
export async function checkListing(store: KeyValueStoreBackend, limit: number): Promise<void> {
  const listed = new Map<string, number>();
  let last: string | undefined;
  do {
    const page = await store.listKeys({ limit, exclusiveStartKey: last });
    for (const { key, size } of page.items) {
      if (last !== undefined && key <= last) throw new Error(`the key ${key} is listed after ${last}`);
      last = key;
      listed.set(key, size);
    }
    if (page.nextExclusiveStartKey === null) break;
  } while (last !== undefined);
  for (const key of STILL_KEYS) {
    if (listed.get(key) !== MIN_VALUE_BYTES) throw new Error(`the key ${key} is listed with ${listed.get(key)} bytes`);
    listed.delete(key);
  }
  for (const key of HOT_KEYS) listed.delete(key);
  if (listed.size > 0) throw new Error(`the keys ${[...listed.keys()].join(', ')} should not be there`);
}
