import { sep } from 'node:path';
import { isKvError } from '@kv/core';
import type { KeyInfo, ListKeysPage, ResolvedListKeysOptions } from '@kv/core';
import { statFile } from '../io/is-file.js';
import type { StoreDirectory } from '../store/store-directory.js';
import type { KnownKeys } from './key-snapshot.js';
import { resolveRecord } from './resolve-record.js';

/** Makes a page of the keys that are records, with their sizes. */
export function listPage(
  store: StoreDirectory,
  { keys, special }: KnownKeys,
  options: ResolvedListKeysOptions,
): ListKeysPage {
  const { prefix, limit } = options;
  const items: KeyInfo[] = [];
  for (let index = keys.firstFrom(firstKey(options)); index < keys.length; index += 1) {
    const key = keys.at(index);
    if (!key.startsWith(prefix) || items.length > limit) break;
    const size =
      (special.has(key) ? undefined : statFile(`${store.path}${sep}${key}.json`)?.size) ?? sizeOf(store, key);
    if (size !== undefined) items.push({ key, size });
  }
  const isTruncated = items.length > limit;
  if (isTruncated) items.length = limit;
  const last = items.at(-1)?.key;
  return { items, count: items.length, limit, isTruncated, nextExclusiveStartKey: (isTruncated ? last : null) ?? null };
}

/** Gives the size of a record in bytes; `undefined` when it is none, or so damaged that only it can say so. */
export function sizeOf(store: StoreDirectory, key: string): number | undefined {
  try {
    return resolveRecord(store, key, { use: (path) => statFile(path)?.size })?.result;
  } catch (error) {
    if (isKvError(error, 'KV_RECORD_CORRUPT') || isKvError(error, 'KV_ACCESS_DENIED')) return undefined;
    throw error;
  }
}

/** Gives the first key that may be in a page: none comes between a cursor and the same with one letter more. */
function firstKey({ prefix, exclusiveStartKey }: ResolvedListKeysOptions): string {
  const next = exclusiveStartKey === undefined ? '' : `${exclusiveStartKey}\0`;
  return next > prefix ? next : prefix;
}
