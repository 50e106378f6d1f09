import { purgeRule } from '@kv/core';
import type { ContentEncoding, ListKeysOptions, ListKeysPage, StorageRef } from '@kv/core';

/** What a plain map knows of a record. */
export interface ModelRecord {
  readonly contentType: string;
  readonly contentEncoding: ContentEncoding | undefined;
  readonly value: Uint8Array;
}

/** What is known of a store. */
export interface ModelStore {
  readonly id: string;
  name?: string;
  alias?: string;
  title?: string;
  generalAccess?: string;
  readonly records: Map<string, ModelRecord>;
}

/** Finds the store that a reference means; the default one has neither name nor alias. */
export function findModelStore(stores: Iterable<ModelStore>, ref: StorageRef): ModelStore | undefined {
  return [...stores].find((store) => {
    if (ref.name !== undefined) return store.name === ref.name;
    return store.name === undefined && store.alias === ref.alias;
  });
}

/** Lists the keys of a plain map as the contract says. */
export function listModelKeys(records: ReadonlyMap<string, ModelRecord>, options: ListKeysOptions): ListKeysPage {
  const { prefix = '', exclusiveStartKey = '', limit = 1000 } = options;
  const keys = [...records.keys()].filter((key) => key.startsWith(prefix) && key > exclusiveStartKey).toSorted();
  const items = keys.slice(0, limit).map((key) => ({ key, size: records.get(key)?.value.length ?? 0 }));
  const isTruncated = keys.length > limit;
  const nextExclusiveStartKey = isTruncated ? (keys[limit - 1] ?? null) : null;
  return { items, count: items.length, limit, isTruncated, nextExclusiveStartKey };
}

/** Purges a plain map, and counts. */
export function purgeModel(
  records: Map<string, ModelRecord>,
  keepKeys: readonly string[],
): { removed: number; kept: number } {
  const isKept = purgeRule(keepKeys);
  const gone = [...records.keys()].filter((key) => !isKept(key));
  for (const key of gone) records.delete(key);
  return { removed: gone.length, kept: records.size };
}
