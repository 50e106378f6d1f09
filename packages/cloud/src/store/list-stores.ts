import type { KeyValueStoreInfo, OperationOptions } from '@kv/core';
import type { ApiClient } from '../http/api-client.js';
import type { ApiUrls } from '../http/api-urls.js';
import { toInfo } from './store-info.js';
import type { StoreJson } from './store-info.js';

/** The greatest number of stores in one page. */
const PAGE = 1000;

interface StoresJson {
  readonly items: readonly StoreJson[];
  readonly total: number;
}

/** Lists all stores of the token's user, named or not; one that is dropped meanwhile may hide another. */
export async function listStores(
  client: ApiClient,
  urls: ApiUrls,
  options?: OperationOptions,
): Promise<readonly KeyValueStoreInfo[]> {
  const infos = new Map<string, KeyValueStoreInfo>();
  for (let offset = 0; ; offset += PAGE) {
    const { items, total } = await client.callData<StoresJson>({
      method: 'GET',
      url: urls.stores({ unnamed: 1, limit: PAGE, offset }),
      purpose: 'list the key-value stores',
      details: {},
      isRepeatable: true,
      signal: options?.signal,
    });
    for (const item of items) infos.set(item.id, toInfo(item));
    if (items.length === 0 || offset + PAGE >= total) return [...infos.values()];
  }
}
