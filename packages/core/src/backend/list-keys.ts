import { kindOf } from '../errors/quote.js';
import { assertKeyPrefix, assertRecordKey } from '../keys/record-key.js';
import type { OperationOptions } from './operation-options.js';

/** The greatest number of keys in one page, and the default (Apify: `limit` of the key listing). */
export const MAX_LIST_KEYS_LIMIT = 1000;

/** Options of a key listing. */
export interface ListKeysOptions extends OperationOptions {
  /** Only keys that begin with this. */
  readonly prefix?: string | undefined;
  /** Only keys that come after this one; it need not exist. */
  readonly exclusiveStartKey?: string | undefined;
  /**
   * Greatest number of keys in the page, 1 to 1,000.
   *
   * @defaultValue 1000
   */
  readonly limit?: number | undefined;
}

/** A key and what its listing tells of the record. */
export interface KeyInfo {
  /** The record's key. */
  readonly key: string;
  /** Size of its value in bytes. */
  readonly size: number;
}

/** One page of keys, which says itself how to get the next. */
export interface ListKeysPage {
  /** The keys, ascending. */
  readonly items: readonly KeyInfo[];
  /** How many items there are in this page. */
  readonly count: number;
  /** The limit that was in force. */
  readonly limit: number;
  /** Whether keys remain after this page. */
  readonly isTruncated: boolean;
  /** The `exclusiveStartKey` of the next page; `null` after the last one. */
  readonly nextExclusiveStartKey: string | null;
}

/** {@link ListKeysOptions} after validation, with the defaults filled in. */
export interface ResolvedListKeysOptions {
  /** What the keys begin with; may be empty. */
  readonly prefix: string;
  /** The key that they come after. */
  readonly exclusiveStartKey: string | undefined;
  /** Greatest number of keys. */
  readonly limit: number;
}

/**
 * Validates the options of a key listing and fills in the defaults; for authors of backends.
 *
 * @throws `TypeError` when an option has the wrong type, `RangeError` when `limit` is not a whole number from 1 to 1,000.
 * @throws {@link KvError} `KV_KEY_INVALID` when `prefix` or `exclusiveStartKey` is not legal.
 */
export function resolveListKeysOptions(options: ListKeysOptions = {}): ResolvedListKeysOptions {
  const { prefix = '', exclusiveStartKey, limit = MAX_LIST_KEYS_LIMIT } = options;
  assertKeyPrefix(prefix);
  if (exclusiveStartKey !== undefined) assertRecordKey(exclusiveStartKey);
  if (typeof limit !== 'number') throw new TypeError(`The limit must be a number, not ${kindOf(limit)}.`);
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIST_KEYS_LIMIT) {
    throw new RangeError(`The limit must be a whole number from 1 to ${MAX_LIST_KEYS_LIMIT}, not ${limit}.`);
  }
  return { prefix, exclusiveStartKey, limit };
}
