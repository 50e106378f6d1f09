import { readdirSync } from 'node:fs';
import { directoryState, DirectoryWatch, isSameState } from '../io/directory-state.js';
import type { DirectoryState } from '../io/directory-state.js';
import type { StoreDirectory } from '../store/store-directory.js';

/** The names in a directory, as long as it does not change. */
class NameIndex {
  readonly #watch: DirectoryWatch = new DirectoryWatch();
  #known: { readonly state: DirectoryState; readonly sorted: readonly string[] } | undefined;

  read(path: string): readonly string[] {
    const state = directoryState(path);
    if (state && this.#known && isSameState(state, this.#known.state)) return this.#known.sorted;
    const isSettled = state !== undefined && this.#watch.isSettled(state);
    const sorted = readdirSync(path).toSorted();
    this.#known = isSettled ? { state, sorted } : undefined;
    return sorted;
  }
}

const indexes = new WeakMap<StoreDirectory, NameIndex>();

/**
 * Lists the files whose names begin with a text. Reads the directory again only when it has changed.
 *
 * For tools that choose among all extensions there are: the usual ones are looked for by name.
 */
export function namesBeginningWith(store: StoreDirectory, prefix: string): readonly string[] {
  const sorted = readNames(store);
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

function readNames(store: StoreDirectory): readonly string[] {
  let index = indexes.get(store);
  if (!index) indexes.set(store, (index = new NameIndex()));
  return index.read(store.path);
}
