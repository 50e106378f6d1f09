import { createHash } from 'node:crypto';
import { assertStorageName, createStorageId, KvError, MAX_STORAGE_NAME_LENGTH } from '@kv/core';
import type { KeyValueStoreInfo } from '@kv/core';
import type { User } from '../access/users.js';
import { RESERVED_PREFIX } from '../data/reserved-names.js';

// Names do not begin with a hyphen, so that what follows the user's id can only be one of these.
const UNNAMED = '-n';
const HASHED = '-h';
const OF_USER = new RegExp(`^${RESERVED_PREFIX}([a-zA-Z0-9]{17})-(.+)$`);

/**
 * What the name of a store in the backend says.
 *
 * A backend knows one set of names, and the server one for each user. The owner's names are those of the backend, so that a
 * directory that the SDK has written can be served as it is. The names of others carry the id of the user.
 */
export interface ParsedBackendName {
  /** Id of the user; `undefined` for the owner. */
  readonly userId: string | undefined;
  /** Name of the store; absent when it is unnamed. */
  readonly name?: string;
  /** Whether the name was too long, and is kept elsewhere. */
  readonly isHashed: boolean;
}

/**
 * Gives the name in the backend of a user's store.
 *
 * @throws KvError `KV_NAME_INVALID`.
 */
export function backendName(user: User, name: string): string {
  assertStorageName(name);
  if (user.isOwner) {
    if (!name.startsWith(RESERVED_PREFIX)) return name;
    const message = `The name ${JSON.stringify(name)} begins with "${RESERVED_PREFIX}", which is the server's own. Choose another one.`;
    throw new KvError('KV_NAME_INVALID', message, { details: { name } });
  }
  const full = ofUser(user.id, name);
  if (full.length <= MAX_STORAGE_NAME_LENGTH) return full;
  return ofUser(user.id, HASHED + createHash('sha256').update(name).digest('hex').slice(0, 32));
}

/**
 * Gives a name in the backend to a store that has none for its user. It is not unnamed there: a program of the SDK that starts on
 * the same place empties unnamed stores, and would take what others have stored through the server.
 */
export function unnamedBackendName(userId: string): string {
  return ofUser(userId, UNNAMED + createStorageId());
}

/** Tells whose a store is and what it is called. */
export function parseBackendName({ name }: Pick<KeyValueStoreInfo, 'name'>): ParsedBackendName {
  const [, userId, rest = ''] = OF_USER.exec(name ?? '') ?? [];
  if (name === undefined) return { userId, isHashed: false };
  if (userId === undefined) return { userId, name, isHashed: false };
  if (rest.startsWith(UNNAMED)) return { userId, isHashed: false };
  return rest.startsWith(HASHED) ? { userId, isHashed: true } : { userId, name: rest, isHashed: false };
}

/** Tells whether a store has a name for its user. */
export function hasName(info: Pick<KeyValueStoreInfo, 'name'>): boolean {
  const { name, isHashed } = parseBackendName(info);
  return isHashed || name !== undefined;
}

function ofUser(userId: string, rest: string): string {
  return `${RESERVED_PREFIX}${userId}-${rest}`;
}
