import { KvError } from '@kv/core';
import type { KeyValueStoreChanges, KeyValueStoreInfo } from '@kv/core';

/** A key-value store as the API tells of it; what it leaves out is `null` or missing. */
export interface StoreJson {
  readonly id: string;
  readonly name?: string | null;
  readonly title?: string | null;
  readonly generalAccess?: string | null;
  readonly createdAt: string;
  readonly modifiedAt: string;
  readonly accessedAt: string;
}

/** What the API calls it when a store has no access of its own. */
const DEFAULT_ACCESS = 'FOLLOW_USER_SETTING';

/** Reads what the API tells of a store. */
export function toInfo({ id, name, title, generalAccess, ...times }: StoreJson): KeyValueStoreInfo {
  const hasAccess = typeof generalAccess === 'string' && generalAccess !== DEFAULT_ACCESS;
  return {
    id,
    ...(typeof name === 'string' ? { name } : {}),
    ...(typeof title === 'string' ? { title } : {}),
    ...(hasAccess ? { generalAccess } : {}),
    createdAt: new Date(times.createdAt),
    modifiedAt: new Date(times.modifiedAt),
    accessedAt: new Date(times.accessedAt),
  };
}

/** Writes changes of a store as the API takes them. */
export function toChangesJson({ name, title, generalAccess }: KeyValueStoreChanges): string {
  return JSON.stringify({ name, title, generalAccess: generalAccess === null ? DEFAULT_ACCESS : generalAccess });
}

/** Makes the error for a store that is not there. */
export function storeNotFound(id: string, location: string): KvError {
  const message = `There is no key-value store with the id ${JSON.stringify(id)} at ${location}. Open one by name to create it.`;
  return new KvError('KV_STORAGE_NOT_FOUND', message, { details: { id, location } });
}
