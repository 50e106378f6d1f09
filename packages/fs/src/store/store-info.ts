import { statSync } from 'node:fs';
import { assertStorageName } from '@kv/core';
import type { KeyValueStoreChanges, KeyValueStoreInfo } from '@kv/core';
import type { StoreMetadata } from './store-metadata.js';

/** Makes the contract's view of a store's metadata. */
export function toInfo(metadata: StoreMetadata, path: string): KeyValueStoreInfo {
  const { id, name, alias, title, generalAccess } = metadata;
  // Every write renames a file into the directory, so its own time is that of the last one.
  const modified = Math.max(statSync(path).mtimeMs, Date.parse(metadata.modifiedAt));
  return {
    id,
    ...(name === null ? {} : { name }),
    ...(alias === undefined ? {} : { alias }),
    ...(title === undefined ? {} : { title }),
    ...(generalAccess === undefined ? {} : { generalAccess }),
    createdAt: new Date(metadata.createdAt),
    modifiedAt: new Date(modified),
    accessedAt: new Date(Math.max(modified, Date.parse(metadata.accessedAt))),
  };
}

/** Accepts changes of the right types; a `TypeError` or `KV_NAME_INVALID` otherwise. */
export function assertChanges({ name, title, generalAccess }: KeyValueStoreChanges): void {
  if (name !== undefined) assertStorageName(name);
  for (const [property, value] of Object.entries({ title, generalAccess })) {
    if (value !== undefined && value !== null && typeof value !== 'string') {
      throw new TypeError(`The ${property} of a store must be a string or null, not ${typeof value}.`);
    }
  }
}

/** Applies changes to the metadata of a store: what is not given stays, `null` removes. */
export function changeMetadata(metadata: StoreMetadata, changes: KeyValueStoreChanges): StoreMetadata {
  const { alias, title: oldTitle, generalAccess: oldAccess, ...rest } = metadata;
  const { name, title = oldTitle, generalAccess = oldAccess } = changes;
  const now = new Date().toISOString();
  return {
    ...rest,
    // A store with a name is not the run's own any more.
    ...(name === undefined ? (alias === undefined ? {} : { alias }) : { name }),
    ...(typeof title === 'string' ? { title } : {}),
    ...(typeof generalAccess === 'string' ? { generalAccess } : {}),
    modifiedAt: now,
    accessedAt: now,
  };
}
