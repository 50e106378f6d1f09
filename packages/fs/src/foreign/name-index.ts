import { readdirSync, statSync } from 'node:fs';
import type { StoreDirectory } from '../store/store-directory.js';

interface Names {
  readonly sorted: readonly string[];
  readonly modified: bigint;
  readonly takenAt: number;
}

// Clocks of file systems tick coarsely, up to 2 s on FAT: a directory that was just changed may change again unseen.
const SAFE_AGE_MILLIS = 2500;
const known = new WeakMap<StoreDirectory, Names>();

/**
 * Lists the files whose names begin with a text. Reads the directory again only when it has changed.
 *
 * For tools that choose among all extensions there are: the usual ones are looked for by name.
 */
export function namesBeginningWith(store: StoreDirectory, prefix: string): readonly string[] {
  const { sorted } = readNames(store);
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] as string) < prefix) low = middle + 1;
    else high = middle;
  }
  let end = low;
  while (sorted[end]?.startsWith(prefix) === true) end += 1;
  return sorted.slice(low, end);
}

function readNames(store: StoreDirectory): Names {
  const modified = statSync(store.path, { bigint: true }).mtimeNs;
  const found = known.get(store);
  if (found?.modified === modified && found.takenAt - Number(modified / 1_000_000n) > SAFE_AGE_MILLIS) return found;
  const takenAt = Date.now();
  const names = { sorted: readdirSync(store.path).toSorted(), modified, takenAt };
  known.set(store, names);
  return names;
}
