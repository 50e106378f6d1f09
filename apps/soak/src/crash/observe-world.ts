import { createBackend } from '@kv/fs';
import type { KeyValueStoreBackend } from '@kv/core';
import { readStamp } from '../stamped-value.ts';
import type { Stamp } from '../stamped-value.ts';
import type { World, WorldStore } from './world.ts';

/**
 * Opens a directory as the next process would, and reads all that is in it.
 *
 * @throws whatever does not open or cannot be read; Error for a torn value, or a listing that differs from what is read.
 */
export async function observeWorld(dir: string): Promise<World> {
  await using backend = createBackend({ dir });
  const world = new Map<string, WorldStore>();
  for (const { id, name } of await backend.listKeyValueStores()) {
    const store = await backend.openKeyValueStore(name === undefined ? {} : { name });
    if (store.id !== id) throw new Error(`the store ${name} is listed with the id ${id} and opened with ${store.id}`);
    world.set(name ?? 'default', { id, records: await readRecords(store) });
  }
  return world;
}

async function readRecords(store: KeyValueStoreBackend): Promise<Map<string, Stamp>> {
  const records = new Map<string, Stamp>();
  let exclusiveStartKey: string | undefined;
  do {
    const page = await store.listKeys({ exclusiveStartKey });
    for (const { key, size } of page.items) {
      const record = await store.getRecord(key);
      if (!record) throw new Error(`the record ${key} is listed, and cannot be read`);
      const stamp = readStamp(record.value, record.contentType);
      if (stamp.size !== size) throw new Error(`the record ${key} is listed with ${size} bytes, and has ${stamp.size}`);
      records.set(key, stamp);
    }
    exclusiveStartKey = page.nextExclusiveStartKey ?? undefined;
  } while (exclusiveStartKey !== undefined);
  return records;
}
