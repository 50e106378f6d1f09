import type { KeyValueStoreInfo, ResolvedStorageRef } from '@kv/core';

/** What a store is found by, besides its id; no two stores share one. The default store's word is the id that was asked for. */
export interface StoreAddress {
  readonly type: 'name' | 'alias' | 'default';
  readonly word: string;
}

/** A store as the database keeps it. */
export interface StoreRow extends StoreAddress {
  readonly id: string;
  readonly title: string | null;
  readonly generalAccess: string | null;
  readonly createdAt: Date;
  readonly modifiedAt: Date;
}

/** Tells what a reference that is no id looks for. */
export function addressOf(ref: Exclude<ResolvedStorageRef, { type: 'id' }>, defaultId: string): StoreAddress {
  if (ref.type === 'default') return { type: 'default', word: defaultId };
  return { type: ref.type, word: ref.type === 'name' ? ref.name : ref.alias };
}

/** Makes of a row what the contract tells of a store. */
export function infoOf({ id, type, word, title, generalAccess, createdAt, modifiedAt }: StoreRow): KeyValueStoreInfo {
  return {
    id,
    ...(type === 'name' ? { name: word } : {}),
    ...(type === 'alias' ? { alias: word } : {}),
    ...(title === null ? {} : { title }),
    ...(generalAccess === null ? {} : { generalAccess }),
    createdAt,
    modifiedAt,
    accessedAt: modifiedAt,
  };
}
