import type { KeyValueStoreInfo } from '@kv/core';
import type { ServerData } from '../data/server-data.js';
import type { StoreSchema } from './schema.js';
import { parseBackendName } from './backend-name.js';

/** What the server remembers of a store because the backend has no place for it. */
export interface StoreData {
  /** Name of the store, where it is too long for the backend. */
  readonly name?: string | undefined;
  /** Schema of the store. */
  readonly schema?: StoreSchema | undefined;
}

/** What the API calls a store's own: its info under the name that its user knows. */
export interface StoreInfo extends Omit<KeyValueStoreInfo, 'alias'> {
  /** Schema of the store. */
  readonly schema?: object | undefined;
}

/** Reads what the server remembers of a store. */
export async function readStoreData(data: ServerData, id: string): Promise<StoreData> {
  return (await data.get<StoreData>(storeDataKey(id))) ?? {};
}

/** Gives the key under which the server remembers a store. */
export function storeDataKey(id: string): string {
  return `store.${id}`;
}

/** Turns what the backend knows of a store into what its user knows. */
export async function toStoreInfo(data: ServerData, backendInfo: KeyValueStoreInfo): Promise<StoreInfo> {
  const { alias: _alias, name: _name, ...info } = backendInfo;
  const parsed = parseBackendName(backendInfo);
  const known = await readStoreData(data, info.id);
  const fullName = parsed.isHashed ? known.name : parsed.name;
  return {
    ...info,
    ...(fullName !== undefined && { name: fullName }),
    ...(known.schema && { schema: known.schema }),
  };
}
