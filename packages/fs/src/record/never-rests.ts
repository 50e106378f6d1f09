import { KvError } from '@kv/core';
import type { StoreDirectory } from '../store/store-directory.js';

/** Says that a record was written anew each time it was looked at. */
export function neverRests({ path }: StoreDirectory, key: string): KvError {
  return new KvError(
    'KV_STORAGE_BUSY',
    `Cannot read the record ${JSON.stringify(key)} in ${path}: it changes all the time. Try again, or let its writers rest.`,
    { details: { key, path } },
  );
}
