import type { ApiContext } from '../http/api-context.js';
import { ApiError } from '../http/api-error.js';
import { limitParam } from '../http/query.js';
import { recordUrl } from './store-object.js';

/** `GET /key-value-stores/:storeId/keys` */
export async function listKeys(c: ApiContext): Promise<Response> {
  const { store, isOpen } = c.get('target');
  const exclusiveStartKey = c.req.query('exclusiveStartKey') || undefined;
  const prefix = c.req.query('prefix') || undefined;
  if (c.req.query('collection')) throw new ApiError(400, 'invalid-collection', 'The store has no schema.');
  const page = await store.records.listKeys({ limit: limitParam(c), exclusiveStartKey, prefix });
  const items = page.items.map(({ key, size }) => ({
    key,
    size,
    recordPublicUrl: recordUrl(c, store.id, key, !isOpen),
  }));
  return c.json({ data: { ...page, items, exclusiveStartKey: exclusiveStartKey ?? null } });
}
