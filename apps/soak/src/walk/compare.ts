import { deepStrictEqual } from 'node:assert/strict';
import type { KeyValueStoreInfo } from '@kv/core';
import type { ModelStore } from './model.ts';
import { listModelKeys } from './model.ts';
import type { WalkState } from './walk-state.ts';
import { KEYS } from './walk-values.ts';

/** Compares the list of stores with the model, and what is known of each. */
export async function compareStores({ backend, stores }: WalkState): Promise<void> {
  const found = await backend.listKeyValueStores();
  deepStrictEqual(found.map(known).toSorted(byId), [...stores.values()].map(known).toSorted(byId));
}

/** Compares all that a store says of its records with the model, and that of the keys that should have none. */
export async function compareRecords(state: WalkState, store: ModelStore): Promise<void> {
  const handle = await state.handle(store);
  deepStrictEqual(await handle.listKeys(), listModelKeys(store.records, {}));
  for (const key of new Set([...KEYS, ...store.records.keys()])) {
    const record = await handle.getRecord(key);
    const { contentType, value } = store.records.get(key) ?? {};
    deepStrictEqual([key, record?.contentType, record && Buffer.from(record.value)], [key, contentType, value]);
  }
}

function known({ id, name, alias, title, generalAccess }: KeyValueStoreInfo | ModelStore): object {
  return { id, name, alias, title, generalAccess };
}

function byId(one: { id?: string }, other: { id?: string }): number {
  return (one.id ?? '') < (other.id ?? '') ? -1 : 1;
}
