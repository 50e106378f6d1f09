import { readdirSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { isKvError, purgeRule } from '@kv/core';
import type { PurgeOptions } from '@kv/core';
import { foreignKeys } from '../foreign/foreign-keys.js';
import { retryWhileBusy } from '../io/busy-file.js';
import type { Passage } from '../io/gate.js';
import { isFile } from '../io/is-file.js';
import { isSidecarName } from '../layout/sidecar.js';
import { keyOfFile } from '../record/file-key.js';
import { resolveRecord } from '../record/resolve-record.js';
import { deleteRecord } from '../record/write-record.js';
import type { StoreDirectory } from './store-directory.js';
import { swapStore } from './swap-store.js';

const KEYS_AT_ONCE = 50;

/** What a purge removes and keeps. */
interface PurgePlan {
  readonly removed: readonly string[];
  readonly kept: number;
}

/** How many records a purge has removed and kept; the keys too, when it was a dry run. */
export interface PurgeCount {
  readonly removed: number;
  readonly kept: number;
  readonly removedKeys?: readonly string[];
}

/**
 * Moves the records of a store into a directory of the trash, all but `INPUT` and those to be kept. What is no record, such
 * as a file with a space in its name, stays.
 */
export async function purgeStore(
  store: StoreDirectory,
  newTrash: () => string,
  options: PurgeOptions = {},
): Promise<PurgeCount> {
  const isKept = purgeRule(options.keepKeys);
  const { removed, kept } = await planPurge(store, isKept, options.signal);
  if (options.dryRun === true) return { removed: removed.length, kept, removedKeys: removed };
  options.signal?.throwIfAborted();
  const isSwapped = await store.gate.hold(options.signal, (passage) => swapStore(store, passage, isKept, newTrash));
  if (!isSwapped) await removeOneByOne(store, removed, options.signal);
  return { removed: removed.length, kept };
}

/** Looks through a store without holding anybody up. */
async function planPurge(
  store: StoreDirectory,
  isKept: (key: string) => boolean,
  signal: AbortSignal | undefined,
): Promise<PurgePlan> {
  // What its name alone makes a record; all others have to be looked at.
  const plain = new Set<string>();
  const others = new Set<string>();
  const entries = readdirSync(store.path, { withFileTypes: true }).filter((entry) => !entry.isDirectory());
  const names = entries.map(({ name }) => name);
  if (store.layout !== 'kv') for (const key of foreignKeys(store, names)) others.add(key);
  for (const name of store.layout === 'kv' ? names : []) {
    const key = keyOfFile(store, name);
    if (key === undefined) continue;
    const isPlain = name.endsWith('.json') && !isSidecarName(name);
    (isPlain ? plain : others).add(key);
  }
  const removed = [...plain].filter((key) => !others.has(key));
  for (const [index, key] of [...others].entries()) {
    // A large store takes a while, in which the process must go on hearing signals.
    if (index % KEYS_AT_ONCE === KEYS_AT_ONCE - 1) await setImmediate();
    signal?.throwIfAborted();
    if (isThere(store, key)) removed.push(key);
  }
  const unkept = removed.filter((key) => !isKept(key)).toSorted();
  return { removed: unkept, kept: removed.length - unkept.length };
}

/** A damaged record is not listed, but goes as well. */
function isThere(store: StoreDirectory, key: string): boolean {
  try {
    return resolveRecord(store, key, { use: (path) => isFile(path) || undefined }) !== undefined;
  } catch (error) {
    if (isKvError(error, 'KV_ACCESS_DENIED')) return false;
    if (isKvError(error, 'KV_RECORD_CORRUPT')) return true;
    throw error;
  }
}

async function removeOneByOne(
  store: StoreDirectory,
  keys: readonly string[],
  signal: AbortSignal | undefined,
): Promise<void> {
  for (const [index, key] of keys.entries()) {
    if (index % KEYS_AT_ONCE === KEYS_AT_ONCE - 1) await setImmediate();
    // One by one, or those that are gone already would not be counted.
    const remove = (passage: Passage): boolean => deleteRecord(store, passage, key);
    await retryWhileBusy(async () => store.gate.hold(signal, remove), signal);
  }
}
