import { KvError } from '@kv/core';

/** What begins the names of stores that have none to their users. */
const PREFIX = 'kv-run-';
const ALIAS_PREFIX = `${PREFIX}alias-`;
const HASH_PREFIX = `${PREFIX}hash-`;
const MAX_NAME_LENGTH = 63;
/** The characters of aliases that names do not have; each becomes a hyphen and its place in here. */
const MARKS = "!-_.'()";

/**
 * Gives the name of the store of an alias, where no run keeps its id.
 *
 * The API knows no aliases, and only by name does it open or create in one step, so that of many processes one creates.
 */
export async function reservedName(alias: string): Promise<string> {
  const name = ALIAS_PREFIX + alias.replaceAll(/[^a-zA-Z0-9]/g, (mark) => `-${MARKS.indexOf(mark)}`);
  return name.length <= MAX_NAME_LENGTH ? name : HASH_PREFIX + (await hash(alias));
}

/** Tells whether a name is one of those. */
export function isReservedName(name: string): boolean {
  return name.startsWith(PREFIX);
}

/**
 * Accepts a name that a user may give.
 *
 * @throws KvError `KV_NAME_INVALID`.
 */
export function assertUserName(name: string): void {
  if (!isReservedName(name)) return;
  const message = `The storage name ${JSON.stringify(name)} begins with "${PREFIX}", which is kept for default stores and aliases. Choose another one.`;
  throw new KvError('KV_NAME_INVALID', message, { details: { name } });
}

/** Gives the alias that a reserved name stands for; `undefined` for one that was too long. */
export function aliasOf(name: string): string | undefined {
  if (!name.startsWith(ALIAS_PREFIX)) return undefined;
  return name.slice(ALIAS_PREFIX.length).replaceAll(/-(\d)/g, (_match, place: string) => MARKS.charAt(Number(place)));
}

async function hash(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return Array.from(new Uint8Array(digest, 0, 16), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
