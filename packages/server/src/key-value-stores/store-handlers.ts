import { requireIdentity } from '../access/authenticate.js';
import type { ApiContext } from '../http/api-context.js';
import { readJsonObject } from '../http/request-body.js';
import { respond, respondJson } from '../http/respond.js';
import { parseStoreChanges } from './store-changes.js';
import { storeObject } from './store-object.js';

/** `GET /key-value-stores/:storeId` */
export async function getStore(c: ApiContext): Promise<Response> {
  const { store, canWrite } = c.get('target');
  const info = await store.getInfo();
  return respondJson(c, { data: await storeObject(c, { info, ownerId: store.ownerId, canWrite }) });
}

/** `PUT /key-value-stores/:storeId`: changes name, title or access. */
export async function updateStore(c: ApiContext): Promise<Response> {
  const { store } = c.get('target');
  const { user } = requireIdentity(c);
  const info = await store.update(user, parseStoreChanges((await readJsonObject(c)) ?? {}));
  return respondJson(c, { data: await storeObject(c, { info, ownerId: store.ownerId, canWrite: true }) });
}

/** `DELETE /key-value-stores/:storeId` */
export async function deleteStore(c: ApiContext): Promise<Response> {
  const { store } = c.get('target');
  const { stores, use } = c.get('server');
  await store.drop();
  stores.forget(store.id);
  await use?.forget(store.id);
  return respond(c, null, { status: 204 });
}
