import { KvError } from '../errors/kv-error.js';
import { kindOf, quote } from '../errors/quote.js';
import { describeCharacter, isRecordKey } from './record-key.js';

/** The greatest length of a storage name, in characters. */
export const MAX_STORAGE_NAME_LENGTH = 63;

const NAME_PATTERN = /^[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?$/;
const ILLEGAL_CHARACTER = /[^a-zA-Z0-9-]/u;

/**
 * Accepts a legal storage name: letters, digits and inner hyphens, at most 63 (Apify: `DNS_SAFE_NAME_REGEX`).
 *
 * @throws `TypeError` when the name is not a string.
 * @throws {@link KvError} `KV_NAME_INVALID`, naming the offending character and its position.
 */
export function assertStorageName(name: unknown): asserts name is string {
  if (typeof name !== 'string') throw new TypeError(`The storage name must be a string, not ${kindOf(name)}.`);
  if (name.length <= MAX_STORAGE_NAME_LENGTH && NAME_PATTERN.test(name)) return;
  const rule = `A name has 1 to ${MAX_STORAGE_NAME_LENGTH} characters of a-zA-Z0-9 and, inside, hyphens`;
  throw new KvError('KV_NAME_INVALID', `The storage name ${quote(name)} ${nameProblem(name)}. ${rule}.`, {
    details: { name },
  });
}

/**
 * Accepts a legal alias of a run-scoped storage: what is legal as a record key, at most 63 characters.
 *
 * @throws `TypeError` when the alias is not a string.
 * @throws {@link KvError} `KV_NAME_INVALID` when it is not legal.
 */
export function assertStorageAlias(alias: unknown): asserts alias is string {
  if (typeof alias !== 'string') throw new TypeError(`The storage alias must be a string, not ${kindOf(alias)}.`);
  if (alias.length <= MAX_STORAGE_NAME_LENGTH && isRecordKey(alias)) return;
  const rule = `An alias has 1 to ${MAX_STORAGE_NAME_LENGTH} characters of a-zA-Z0-9!-_.'() and is neither "." nor ".."`;
  throw new KvError('KV_NAME_INVALID', `The storage alias ${quote(alias)} is not legal. ${rule}.`, {
    details: { alias },
  });
}

function nameProblem(name: string): string {
  if (name === '') return 'is empty';
  const illegal = ILLEGAL_CHARACTER.exec(name);
  if (illegal) return `contains ${describeCharacter(illegal[0])} at position ${illegal.index + 1}`;
  if (name.length > MAX_STORAGE_NAME_LENGTH) return `is ${name.length} characters long`;
  return 'begins or ends with a hyphen';
}
