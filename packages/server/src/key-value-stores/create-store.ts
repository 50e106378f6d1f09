import { requireIdentity } from '../access/authenticate.js';
import { insufficientPermissions } from '../access/authorize.js';
import { allows, mayCreate, reaches } from '../access/identity.js';
import type { Identity } from '../access/identity.js';
import type { ApiContext } from '../http/api-context.js';
import { publicUrl } from '../http/public-url.js';
import { readJsonObject } from '../http/request-body.js';
import { respondJson } from '../http/respond.js';
import { findStoreByName } from './locate-store.js';
import { assertStoreSchema, tryJsonSchemas } from './schema.js';
import { storeObject } from './store-object.js';
import type { Store } from './store.js';

/** `POST /key-value-stores`: opens the store of a name or creates it; without a name, creates an unnamed one. */
export async function createStore(c: ApiContext): Promise<Response> {
  const identity = requireIdentity(c);
  if (!mayCreate(identity)) return openExisting(c, identity);
  const { user } = identity;
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

/** Clients open a store by this request even if they only want to read it. Which other stores there are is not told. */
async function openExisting(c: ApiContext, identity: Identity): Promise<Response> {
  const store = await findStoreByName(c.get('server').stores, identity.user, c.req.query('name') ?? '');
  if (!store || !reaches(identity, store.id)) throw insufficientPermissions();
  return respondJson(c, { data: await describe(c, store, allows(identity, 'write')) });
}

async function storeResponse(c: ApiContext, store: Store, isNew: boolean): Promise<Response> {
  const data = await describe(c, store, true);
  if (!isNew) return respondJson(c, { data });
  const headers = { Location: publicUrl(c, `/key-value-stores/${store.id}`) };
  return respondJson(c, { data }, { status: 201, headers });
}

async function describe(c: ApiContext, store: Store, canWrite: boolean): Promise<object> {
  return storeObject(c, { info: await store.getInfo(), ownerId: store.ownerId, canWrite });
}
