import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { PurgeOptions } from '@kv/core';
import { removeFile } from '../io/place-file.js';
import { encodeStem } from '../layout/file-stem.js';
import { isSidecarName, METADATA_FILE } from '../layout/sidecar.js';
import { sizeOf } from '../record/list-keys.js';
import { deleteRecord } from '../record/write-record.js';
import type { StoreDirectory } from './store-directory.js';

/** The key that survives every purge. */
const INPUT_KEY = 'INPUT';

/** How many records a purge has removed and kept. */
export interface PurgeCount {
  readonly removed: number;
  readonly kept: number;
}

/**
 * Removes the records of a store, all but `INPUT` and those to be kept, and then what is left of half-done writes. What is
 * no record, such as a file with a space in its name, stays.
 */
export function purgeStore(store: StoreDirectory, keys: readonly string[], options: PurgeOptions = {}): PurgeCount {
  const kept = [INPUT_KEY, ...(options.keepKeys ?? [])];
  const count = { removed: 0, kept: 0 };
  for (const key of keys) {
    options.signal?.throwIfAborted();
    if (sizeOf(store, key) === undefined) continue;
    if (kept.some((keep) => isForm(key, keep))) {
      count.kept += 1;
    } else {
      deleteRecord(store, key);
      count.removed += 1;
    }
  }
  removeRemains(store, kept);
  return count;
}

/** A key is kept with any extension and in any case: `INPUT.xml` and `input` are input to someone. */
function isForm(key: string, keep: string): boolean {
  const form = key.toLowerCase();
  return form === keep.toLowerCase() || form.startsWith(`${keep.toLowerCase()}.`);
}

/** Sidecars without a value, and second choices of names: nobody but this layout makes them. */
function removeRemains(store: StoreDirectory, kept: readonly string[]): void {
  for (const name of readdirSync(store.path)) {
    const isOurs = name !== METADATA_FILE && (isSidecarName(name) || /~\d+\.\w+$/.test(name));
    const isKept = kept.some((keep) =>
      name.toLowerCase().startsWith(encodeStem(keep, false).text.slice(0, 180).toLowerCase()),
    );
    if (isOurs && !isKept && !name.startsWith('.')) removeFile(join(store.path, name));
  }
}
