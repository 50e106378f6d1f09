import { assertKeyPrefix, assertRecordKey, MAX_LIST_KEYS_LIMIT } from '@kv/core';
import type { KeyInfo, KeyValueStoreBackend } from '@kv/core';

/** Options of an iteration over keys. */
export interface IterateKeysOptions {
  /** Only keys after this one; it need not exist. */
  readonly exclusiveStartKey?: string | undefined;
  /** Only keys that begin with this. */
  readonly prefix?: string | undefined;
  /** Greatest number of keys, all in all. @defaultValue no limit */
  readonly limit?: number | undefined;
}

/** Walks through the keys of a store, page by page. */
export async function* iterateKeys(
  backend: KeyValueStoreBackend,
  options: IterateKeysOptions = {},
): AsyncGenerator<KeyInfo> {
  const { prefix, limit = Number.POSITIVE_INFINITY } = options;
  assertOptions(options);
  let exclusiveStartKey: string | null | undefined = options.exclusiveStartKey;
  for (let remaining = limit; remaining > 0 && exclusiveStartKey !== null;) {
    const page = await backend.listKeys({ prefix, exclusiveStartKey, limit: Math.min(remaining, MAX_LIST_KEYS_LIMIT) });
    yield* page.items;
    remaining -= page.count;
    exclusiveStartKey = page.nextExclusiveStartKey;
  }
}

function assertOptions({ prefix, exclusiveStartKey, limit }: IterateKeysOptions): void {
  if (prefix !== undefined) assertKeyPrefix(prefix);
  if (exclusiveStartKey !== undefined) assertRecordKey(exclusiveStartKey);
  if (limit === undefined || limit === Number.POSITIVE_INFINITY || (Number.isInteger(limit) && limit >= 0)) return;
  throw new RangeError(`The limit must be a whole number from 0, not ${limit}.`);
}
