import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { purgeRule } from '@kv/core';
import type { PurgeOptions } from '@kv/core';
import { removeFile } from '../io/place-file.js';
import { encodeStem } from '../layout/file-stem.js';
import { isSidecarName, METADATA_FILE } from '../layout/sidecar.js';
import { sizeOf } from '../record/list-keys.js';
import { deleteRecord } from '../record/write-record.js';
import type { StoreDirectory } from './store-directory.js';

const KEYS_AT_ONCE = 50;

/** How many records a purge has removed and kept. */
export interface PurgeCount {
  readonly removed: number;
  readonly kept: number;
  readonly removedKeys?: readonly string[];
}

/**
 * Removes the records of a store, all but `INPUT` and those to be kept, and then what is left of half-done writes. What is
 * no record, such as a file with a space in its name, stays.
 */
export async function purgeStore(
  store: StoreDirectory,
  keys: readonly string[],
  options: PurgeOptions = {},
): Promise<PurgeCount> {
  const isKept = purgeRule(options.keepKeys);
  const removedKeys: string[] = [];
  let kept = 0;
  for (const [index, key] of keys.entries()) {
    // A large store takes seconds, in which the process must go on hearing signals.
    if (index % KEYS_AT_ONCE === KEYS_AT_ONCE - 1) await setImmediate();
    options.signal?.throwIfAborted();
    if (sizeOf(store, key) === undefined) continue;
    if (isKept(key)) {
      kept += 1;
    } else {
      if (options.dryRun !== true) deleteRecord(store, key);
      removedKeys.push(key);
    }
  }
  const count = { removed: removedKeys.length, kept };
  if (options.dryRun === true) return { ...count, removedKeys };
  removeRemains(store, ['INPUT', ...(options.keepKeys ?? [])]);
  return count;
}

/** Sidecars without a value, and second choices of names: nobody but this layout makes them. */
function removeRemains(store: StoreDirectory, kept: readonly string[]): void {
  // The names of a long key agree in their beginning only.
  const stems = kept.map((keep) => encodeStem(keep, false).text.slice(0, 180).toLowerCase());
  for (const name of readdirSync(store.path)) {
    const isOurs = name !== METADATA_FILE && (isSidecarName(name) || /~\d+\.\w+$/.test(name));
    const isKept = stems.some((stem) => name.toLowerCase().startsWith(stem));
    if (isOurs && !isKept && !name.startsWith('.')) removeFile(join(store.path, name));
  }
}
