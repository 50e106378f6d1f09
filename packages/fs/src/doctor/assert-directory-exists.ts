import { statSync } from 'node:fs';
import { KvError } from '@kv/core';

/**
 * Raises an error where there is no storage directory: whoever names one to mend what is in it has made a mistake.
 *
 * @throws KvError `KV_STORAGE_NOT_FOUND`.
 */
export function assertDirectoryExists(location: string): void {
  if (statSync(location, { throwIfNoEntry: false })) return;
  throw new KvError(
    'KV_STORAGE_NOT_FOUND',
    `There is no directory ${location}. Give the one that holds key_value_stores.`,
    { details: { location } },
  );
}
