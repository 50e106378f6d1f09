import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { isKvError } from '@kv/core';
import type { OperationOptions } from '@kv/core';
import { retryWhileBusy } from '../io/busy-file.js';
import type { Passage } from '../io/gate.js';
import { isFile } from '../io/is-file.js';
import { listNames } from '../io/list-names.js';
import { linkOrCopy } from '../io/place-file.js';
import { markedName } from '../io/process-mark.js';
import { movingTempFile } from '../io/temp-files.js';
import { isSidecarName, METADATA_FILE } from '../layout/sidecar.js';
import { readKeys } from '../record/key-snapshot.js';
import { sizeOf } from '../record/list-keys.js';
import { readRecordInfo } from '../record/read-record.js';
import { resolveRecord } from '../record/resolve-record.js';
import type { ResolvedRecord } from '../record/resolve-record.js';
import { commitRecord } from '../record/write-record.js';
import type { StoreDirectory } from './store-directory.js';

const KEYS_AT_ONCE = 20;

/** How many records were put back, and how many were not: the store has newer ones, or they are damaged. */
export interface RestoreCount {
  readonly restored: number;
  readonly skipped: number;
}

/** Puts the records of a store that was purged back, all but those that have been written anew since, and damaged ones. */
export async function restoreStore(
  store: StoreDirectory,
  trash: StoreDirectory,
  { signal }: OperationOptions = {},
): Promise<RestoreCount> {
  const count = { restored: 0, skipped: 0 };
  const { keys } = await readKeys(trash);
  for (let index = 0; index < keys.length; index += 1) {
    const key = keys.at(index);
    if (index % KEYS_AT_ONCE === KEYS_AT_ONCE - 1) await setImmediate();
    signal?.throwIfAborted();
    const record = findRecord(trash, key);
    if (record === 'damaged') count.skipped += 1;
    if (!record || record === 'damaged') continue;
    const { path, contentType, contentEncoding } = record;
    const temp = movingTempFile(copyOf(path), markedName());
    const put = (passage: Passage): boolean => {
      if (sizeOf(store, key) !== undefined) return false;
      return commitRecord(store, passage, { key, contentType, contentEncoding, temp });
    };
    const isRestored = await retryWhileBusy(async () => store.gate.hold(signal, put), signal);
    if (isRestored) rmSync(path, { force: true });
    else temp.discard(store.gate.open);
    if (isRestored) count.restored += 1;
    // What the purge has kept is in the trash too.
    else if (etagOf(store, key) !== etagOf(trash, key)) count.skipped += 1;
  }
  return count;
}

/** Counts the files of a purged store that nothing more is known of. */
export function countFiles(path: string): number {
  return listNames(path).filter((name) => name !== METADATA_FILE && !isSidecarName(name)).length;
}

function etagOf(store: StoreDirectory, key: string): string | undefined {
  try {
    return readRecordInfo(store, key)?.etag;
  } catch (error) {
    if (isKvError(error)) return undefined;
    throw error;
  }
}

/** One that is damaged must not keep the others from coming back. */
function findRecord(trash: StoreDirectory, key: string): ResolvedRecord<true> | 'damaged' | undefined {
  try {
    return resolveRecord(trash, key, { use: (path) => isFile(path) || undefined });
  } catch (error) {
    if (isKvError(error, 'KV_RECORD_CORRUPT') || isKvError(error, 'KV_ACCESS_DENIED')) return 'damaged';
    throw error;
  }
}

/** A value goes its way under a second name: should the process die, it is still in the trash. */
function copyOf(path: string): string {
  const copy = join(dirname(path), `.${markedName()}`);
  linkOrCopy(path, copy);
  return copy;
}
