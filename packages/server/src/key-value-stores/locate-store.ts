import { isKvError } from '@kv/core';
import { tokenNotProvided } from '../access/authenticate.js';
import type { Identity } from '../access/identity.js';
import { andThen } from '../http/and-then.js';
import type { ApiContext } from '../http/api-context.js';
import type { Store } from './store.js';
import type { FoundStore, Stores } from './stores.js';
import type { User } from '../access/users.js';

const STORE_ID = /^[a-zA-Z0-9!\-_.'()]{1,63}$/;

/** Finds the store that a path names: `id`, `~name` or `username~name`. */
export function locateStore(
  c: ApiContext,
  identity: Identity | undefined,
): FoundStore | undefined | Promise<FoundStore | undefined> {
  const text = c.req.param('storeId') ?? '';
  if (text.includes('~')) return locateByName(c, text, identity);
  if (!STORE_ID.test(text)) return undefined;
  return andThen(c.get('server').stores.findById(text), (store) => store && { store, by: 'id' });
}

async function locateByName(
  c: ApiContext,
  text: string,
  identity: Identity | undefined,
): Promise<FoundStore | undefined> {
  const { stores, users } = c.get('server');
  const tilde = text.indexOf('~');
  if (tilde === 0 && !identity) throw tokenNotProvided();
  const user = tilde === 0 ? identity?.user : await users.find(text.slice(0, tilde));
  const store = user && (await findStoreByName(stores, user, text.slice(tilde + 1)));
  return store && { store, by: 'name' };
}

/** Finds a user's store by its name; no store has a name that is not legal. */
export async function findStoreByName(stores: Stores, user: User, name: string): Promise<Store | undefined> {
  try {
    return await stores.findByName(user, name);
  } catch (error) {
    if (isKvError(error, 'KV_NAME_INVALID')) return undefined;
    throw error;
  }
}
