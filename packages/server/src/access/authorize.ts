import { isKvError } from '@kv/core';
import type { ApiContext, StoreTarget } from '../http/api-context.js';
import { andThen } from '../http/and-then.js';
import { ApiError } from '../http/api-error.js';
import type { LinkKind, Right, Route } from '../http/route.js';
import type { FoundStore } from '../key-value-stores/stores.js';
import { tokenNotProvided } from './authenticate.js';
import { isOpenToAll } from './general-access.js';
import { allows, mayCreate, mayReadServer, reaches } from './identity.js';
import type { Identity, Scope } from './identity.js';
import { isContentSignature, isRecordSignature } from './signature.js';

const SCOPE_OF_RIGHT: Readonly<Partial<Record<Right, Scope>>> = { 'store-write': 'write', 'store-manage': 'manage' };

/**
 * Lets a request pass that has the right its route needs, and finds the store that it is about.
 *
 * Without the right to read, a store answers as one that does not exist.
 *
 * @throws ApiError 401, 403 or 404.
 */
export function authorize(c: ApiContext, route: Route): void | Promise<void> {
  const identity = c.get('identity');
  if (route.right === 'public') return;
  if (!route.locate) return authorizeAccount(route.right, identity);
  const needed = SCOPE_OF_RIGHT[route.right] ?? 'read';
  if (needed !== 'read' && !identity) throw tokenNotProvided();
  return andThen(route.locate(c, identity), (found) =>
    andThen(targetOf(c, route, found, needed), (target) => c.set('target', target)),
  );
}

function targetOf(
  c: ApiContext,
  route: Route,
  found: FoundStore | undefined,
  needed: Scope,
): StoreTarget | Promise<StoreTarget> {
  const identity = c.get('identity');
  if (found && isOwner(found, identity)) return ownTarget(found, identity, needed);
  return needed === 'read' ? foreignTarget(c, route, found, identity) : refuseWrite(c, found, identity);
}

function authorizeAccount(right: Right, identity: Identity | undefined): void {
  if (!identity) throw tokenNotProvided();
  if (right === 'account-write' && !mayCreate(identity)) throw insufficientPermissions();
  if (right === 'server-read' && !mayReadServer(identity)) throw notOfFirstUser();
}

/** Only those who may read a store are told that it exists and that they may not write to it. */
async function refuseWrite(c: ApiContext, found: FoundStore | undefined, identity?: Identity): Promise<never> {
  throw found && (await isOpenStore(c, found)) ? insufficientPermissions() : storeNotFound(identity);
}

async function foreignTarget(
  c: ApiContext,
  { link }: Route,
  found: FoundStore | undefined,
  identity: Identity | undefined,
): Promise<StoreTarget> {
  if (found && (await isOpenStore(c, found))) return { store: found.store, canWrite: false, isOpen: true };
  const signature = c.req.query('signature');
  if (link && signature !== undefined) return linkedTarget(c, link, signature, found);
  throw storeNotFound(identity);
}

function isOwner({ store }: FoundStore, identity: Identity | undefined): identity is Identity {
  return identity !== undefined && identity.user.id === store.ownerId && reaches(identity, store.id);
}

function ownTarget({ store }: FoundStore, identity: Identity, needed: Scope): StoreTarget {
  if (!allows(identity, needed)) throw insufficientPermissions();
  return { store, canWrite: allows(identity, 'write'), isOpen: false };
}

async function isOpenStore(c: ApiContext, { store, by }: FoundStore): Promise<boolean> {
  const { stores, defaultAccess } = c.get('server');
  try {
    const { generalAccess } = await store.getInfo();
    return isOpenToAll(generalAccess, defaultAccess, by);
  } catch (error) {
    if (!isKvError(error, 'KV_STORAGE_NOT_FOUND')) throw error;
    // Another process has dropped it since it was found.
    stores.forget(store.id);
    return false;
  }
}

/** A link that opens nothing says so, and says the same whether or not there is a store. */
function linkedTarget(c: ApiContext, link: LinkKind, signature: string, found: FoundStore | undefined): StoreTarget {
  const id = found?.store.id ?? '';
  const secret = c.get('server').signingKey(id);
  const isValid =
    link === 'content'
      ? isContentSignature(secret, id, signature)
      : isRecordSignature(secret, c.req.param('key') ?? '', signature);
  if (found && isValid) return { store: found.store, canWrite: false, isOpen: false };
  throw new ApiError(403, 'insufficient-permissions', 'The signature of this link is not valid, or not any more.');
}

/** The error of a token that may not do this. */
export function insufficientPermissions(): ApiError {
  const message =
    "Insufficient permissions for the key-value store. Make sure you're passing a correct API token and that it has the required permissions.";
  return new ApiError(403, 'insufficient-permissions', message);
}

function notOfFirstUser(): ApiError {
  const message = 'This is of all users, and needs a token of the first user, for all of its stores.';
  return new ApiError(403, 'insufficient-permissions', message);
}

/** The error of a store that there is not, or not for the one who asks. */
export function storeNotFound(identity: Identity | undefined): ApiError {
  if (identity) return new ApiError(404, 'record-not-found', 'Key-value Store was not found');
  const message = 'Key-value Store was not found or the authentication token is missing';
  return new ApiError(404, 'record-or-token-not-found', message);
}
