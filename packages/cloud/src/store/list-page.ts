import type { OperationOptions } from '@kv/core';
import type { ApiClient } from '../http/api-client.js';
import type { KeyQuery, StoreRequests } from './store-requests.js';

/** A key as the API lists it. */
export interface KeyJson {
  readonly key: string;
  readonly size: number;
  /** A link to the record, signed where it needs to be. */
  readonly recordPublicUrl?: string;
}

/** A page of keys as the API gives it. */
export interface KeysJson {
  readonly items: readonly KeyJson[];
  readonly isTruncated: boolean;
  readonly nextExclusiveStartKey?: string | null;
}

/** Lists a page of keys. */
export async function listPage(
  client: ApiClient,
  requests: StoreRequests,
  query: KeyQuery,
  options?: OperationOptions,
): Promise<KeysJson> {
  return client.callData<KeysJson>(requests.keys(query, options));
}

/** Looks one key up in the listing; `undefined` when there is no such record. */
export async function listOne(
  client: ApiClient,
  requests: StoreRequests,
  key: string,
  options?: OperationOptions,
): Promise<KeyJson | undefined> {
  // Of all keys that begin with a key, it comes first itself.
  const { items } = await listPage(client, requests, { prefix: key, limit: 1 }, options);
  return items.find((item) => item.key === key);
}
