import { KvError } from '../errors/kv-error.js';
import { kindOf, quote } from '../errors/quote.js';

/** The greatest length of a record key, in characters (Apify: `KEY_VALUE_STORE_KEY_REGEX`). */
export const MAX_KEY_LENGTH = 256;

const KEY_PATTERN = /^[a-zA-Z0-9!\-_.'()]{1,256}$/;
const ILLEGAL_CHARACTER = /[^a-zA-Z0-9!\-_.'()]/u;
const RULE = `A key has 1 to ${MAX_KEY_LENGTH} characters of a-zA-Z0-9!-_.'()`;

/** Tells whether a string is a legal record key. */
export function isRecordKey(key: string): boolean {
  return KEY_PATTERN.test(key) && key !== '.' && key !== '..';
}

/**
 * Accepts a legal record key: `^[a-zA-Z0-9!\-_.'()]{1,256}$`, and neither `.` nor `..`.
 *
 * The pattern is Apify's. The two names of dots are refused besides, because URLs collapse them: deleting the record
 * `..` over HTTP would delete its store.
 *
 * @throws `TypeError` when the key is not a string.
 * @throws {@link KvError} `KV_KEY_INVALID`, naming the offending character and its position.
 */
export function assertRecordKey(key: unknown): asserts key is string {
  if (typeof key !== 'string') throw new TypeError(`The key must be a string, not ${kindOf(key)}.`);
  if (isRecordKey(key)) return;
  throw new KvError('KV_KEY_INVALID', `The key ${quote(key)} ${keyProblem(key)}. ${RULE}.`, { details: { key } });
}

/**
 * Accepts a legal key prefix: empty, or made of the characters of a key.
 *
 * @throws `TypeError` when the prefix is not a string.
 * @throws {@link KvError} `KV_KEY_INVALID`, naming the offending character and its position.
 */
export function assertKeyPrefix(prefix: unknown): asserts prefix is string {
  if (typeof prefix !== 'string') throw new TypeError(`The key prefix must be a string, not ${kindOf(prefix)}.`);
  if (prefix.length <= MAX_KEY_LENGTH && !ILLEGAL_CHARACTER.test(prefix)) return;
  const message = `The key prefix ${quote(prefix)} ${keyProblem(prefix)}. ${RULE}.`;
  throw new KvError('KV_KEY_INVALID', message, { details: { prefix } });
}

function keyProblem(key: string): string {
  if (key === '') return 'is empty';
  const illegal = ILLEGAL_CHARACTER.exec(key);
  if (illegal) return `contains ${describeCharacter(illegal[0])} at position ${illegal.index + 1}`;
  if (key.length > MAX_KEY_LENGTH) return `is ${key.length} characters long`;
  return 'is reserved, because URLs collapse it';
}

/** Shows a character and its code point: an invisible one cannot be told from its picture alone. */
export function describeCharacter(character: string): string {
  const codePoint = character.codePointAt(0) ?? 0;
  return `${JSON.stringify(character)} (U+${codePoint.toString(16).toUpperCase().padStart(4, '0')})`;
}
