import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { PurgeOptions } from '@kv/core';
import { removeFile } from '../io/place-file.js';
import { encodeStem } from '../layout/file-stem.js';
import { METADATA_FILE } from '../layout/sidecar.js';
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

/** Removes the records of a store, all but `INPUT` and those to be kept, and then what is left of half-done writes. */
export function purgeStore(store: StoreDirectory, keys: readonly string[], options: PurgeOptions = {}): PurgeCount {
  const isKept = keepRule([INPUT_KEY, ...(options.keepKeys ?? [])]);
  let removed = 0;
  let kept = 0;
  for (const key of keys) {
    options.signal?.throwIfAborted();
    if (sizeOf(store, key) === undefined) continue;
    if (isKept(encodeStem(key, false).text)) {
      kept += 1;
      continue;
    }
    deleteRecord(store, key);
    removed += 1;
  }
  removeRemains(store, isKept);
  return { removed, kept };
}

/** A key is kept under whatever extension and in whatever case: `INPUT.xml` and `input.json` are input to someone. */
function keepRule(keys: readonly string[]): (name: string) => boolean {
  const stems = keys.map((key) => encodeStem(key, false).text.toLowerCase());
  return (name) => stems.some((stem) => new RegExp(`^${escapeRegExp(stem)}([.~=]|$)`).test(name.toLowerCase()));
}

function escapeRegExp(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}

function removeRemains(store: StoreDirectory, isKept: (name: string) => boolean): void {
  for (const entry of readdirSync(store.path, { withFileTypes: true })) {
    const isOurs = entry.isFile() && entry.name !== METADATA_FILE && !entry.name.startsWith('.');
    if (isOurs && !isKept(entry.name)) removeFile(join(store.path, entry.name));
  }
}
