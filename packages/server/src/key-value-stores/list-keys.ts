import type { ListKeysPage } from '@kv/core';
import type { ApiContext } from '../http/api-context.js';
import { limitParam } from '../http/query.js';
import { respondJson } from '../http/respond.js';
import { keyFilter } from './key-filter.js';
import type { KeyFilter } from './key-filter.js';
import { recordUrls } from './store-object.js';
import type { Store } from './store.js';

/** `GET /key-value-stores/:storeId/keys` */
export async function listKeys(c: ApiContext): Promise<Response> {
  const { store, isOpen } = c.get('target');
  const exclusiveStartKey = c.req.query('exclusiveStartKey') || undefined;
  const filter = await keyFilter(c, store);
  const page = await listFiltered(store, filter, { exclusiveStartKey, limit: limitParam(c) });
  const urlOf = recordUrls(c, store.id, !isOpen);
  const items = page.items.map(({ key, size }) => ({ key, size, recordPublicUrl: urlOf(key) }));
  return respondJson(c, { data: { ...page, items, exclusiveStartKey: exclusiveStartKey ?? null } });
}

interface PageOptions {
  readonly exclusiveStartKey: string | undefined;
  readonly limit: number;
}

async function listFiltered(store: Store, filter: KeyFilter, options: PageOptions): Promise<ListKeysPage> {
  const { prefix, only, isEmpty } = filter;
  if (!isEmpty && only === undefined) return store.records.listKeys({ ...options, prefix });
  const isAfterStart = only !== undefined && only > (options.exclusiveStartKey ?? '');
  const record = !isEmpty && isAfterStart ? await store.records.getRecordInfo(only) : undefined;
  const items = record ? [{ key: record.key, size: record.size }] : [];
  return { items, count: items.length, limit: options.limit, isTruncated: false, nextExclusiveStartKey: null };
}
