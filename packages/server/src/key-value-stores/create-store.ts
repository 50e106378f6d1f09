import { requireIdentity } from '../access/authenticate.js';
import type { ApiContext } from '../http/api-context.js';
import { publicUrl } from '../http/public-url.js';
import { readJsonObject } from '../http/request-body.js';
import { respondJson } from '../http/respond.js';
import { assertStoreSchema, tryJsonSchemas } from './schema.js';
import { storeObject } from './store-object.js';
import type { Store } from './store.js';

/** `POST /key-value-stores`: opens the store of a name or creates it; without a name, creates an unnamed one. */
export async function createStore(c: ApiContext): Promise<Response> {
  const { user } = requireIdentity(c);
  const { stores } = c.get('server');
  const { schema } = (await readJsonObject(c)) ?? {};
  if (schema !== undefined) {
    assertStoreSchema(schema);
    await tryJsonSchemas(schema);
  }
  const name = c.req.query('name');
  const { store, isNew } =
    name === undefined || name === ''
      ? { store: await stores.create(user, { schema }), isNew: true }
      : await stores.open(user, name, { schema });
  return storeResponse(c, store, isNew);
}

async function storeResponse(c: ApiContext, store: Store, isNew: boolean): Promise<Response> {
  const data = await storeObject(c, { info: await store.getInfo(), ownerId: store.ownerId, canWrite: true });
  if (!isNew) return respondJson(c, { data });
  const headers = { Location: publicUrl(c, `/key-value-stores/${store.id}`) };
  return respondJson(c, { data }, { status: 201, headers });
}
