import type { KeyValueStoreInfo } from '@kv/core';
import type { ApiContext } from '../http/api-context.js';
import { ApiError } from '../http/api-error.js';
import { booleanParam, integerParam, limitParam } from '../http/query.js';
import { allows, reaches } from '../access/identity.js';
import { respondJson } from '../http/respond.js';
import { requireIdentity } from '../access/authenticate.js';
import { hasName } from './backend-name.js';
import { storeObject } from './store-object.js';

/** `GET /key-value-stores`: the stores of the user, by creation time. */
export async function listStores(c: ApiContext): Promise<Response> {
  const identity = requireIdentity(c);
  const { user } = identity;
  const offset = integerParam(c, 'offset', { min: 0, max: Number.MAX_SAFE_INTEGER, fallback: 0 });
  const limit = limitParam(c);
  const desc = booleanParam(c, 'desc');
  const unnamed = booleanParam(c, 'unnamed');
  const { stores } = c.get('server');
  const owned = isOwnedByMe(c) ? await stores.list(user) : [];
  const listed = owned.filter((info) => (unnamed || hasName(info)) && reaches(identity, info.id));
  const page = (desc ? listed.toReversed() : listed).slice(offset, offset + limit);
  const canWrite = allows(identity, 'write');
  const describe = async (info: KeyValueStoreInfo): Promise<object> =>
    storeObject(c, { info: await stores.describe(info), ownerId: user.id, canWrite });
  const items = await Promise.all(page.map(describe));
  const total = listed.length;
  const shown = { total, offset, limit, count: items.length, desc };
  const headers = Object.fromEntries(
    Object.entries(shown).map(([name, value]) => [`X-Apify-Pagination-${name}`, String(value)]),
  );
  return respondJson(c, { data: { ...shown, unnamed, items } }, { headers });
}

/** Nobody can share a store with single users yet, so that nothing is shared with anyone. */
function isOwnedByMe(c: ApiContext): boolean {
  const ownership = c.req.query('ownership');
  if (ownership === undefined || ownership === 'ownedByMe') return true;
  if (ownership === 'sharedWithMe') return false;
  throw new ApiError(400, 'invalid-value', 'The parameter "ownership" must be ownedByMe or sharedWithMe.');
}
