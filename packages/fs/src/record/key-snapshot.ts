import { readdir } from 'node:fs/promises';
import { foreignKeys } from '../foreign/foreign-keys.js';
import { breathe } from '../io/breathe.js';
import { directoryState, DirectoryWatch, isSameState } from '../io/directory-state.js';
import type { DirectoryState } from '../io/directory-state.js';
import { storeIsGone } from '../store/store-directory.js';
import type { StoreDirectory } from '../store/store-directory.js';
import { keyOfFile } from './file-key.js';

/** The keys of a store. Not every key is a record: a sidecar may have lost its value file. Whoever lists them looks at each. */
export interface KnownKeys {
  /** All keys, ascending. */
  readonly keys: readonly string[];
  /** Those whose record may lie elsewhere than in `KEY.json`. */
  readonly special: ReadonlySet<string>;
}

interface Snapshot extends KnownKeys {
  readonly state: DirectoryState;
  /** Whether a change of the directory since would show. */
  readonly isSettled: boolean;
  /** On the clock of `performance.now()`. */
  readonly startedAt: number;
  readonly millis: number;
  /** Keys that were written here since then. */
  readonly written: Set<string>;
}

// What nearly all files are called: `KEY.json`, with a key that no file system makes trouble about. Decoding takes ten times longer.
const PLAIN_JSON = /^[a-zA-Z0-9](?:[a-zA-Z0-9-]|_(?!_)){4,200}\.json$/;
// So walking through the pages of a store that is written all the time takes a tenth longer than of one that is not.
const WALK_MILLIS_PER_MILLI = 10;
const MAX_CURSORS = 1000;

/** Knows the keys of a store, and reads its directory again only when it has changed. */
export class KeySnapshot {
  readonly #watch: DirectoryWatch = new DirectoryWatch();
  readonly #cursors = new Set<string>();
  readonly #logs = new Set<Set<string>>();
  #snapshot: Snapshot | undefined;

  /**
   * Gives the keys of the store as they are now.
   *
   * After a cursor that a page has ended with, a walk goes on: keys that others have added since it began may be missing for
   * as long as ten readings of the directory take. Those that were written here never are.
   */
  async read(store: StoreDirectory, cursor?: string): Promise<KnownKeys> {
    const state = directoryState(store.path);
    if (!state) throw storeIsGone(store);
    const known = this.#snapshot;
    if (known?.isSettled === true && isSameState(known.state, state)) return known;
    if (known && cursor !== undefined && this.#cursors.has(cursor) && isFresh(known)) return this.#update(known);
    return this.#take(store, state);
  }

  /** Is told with which key a page has ended that others will follow. */
  noteCursor(cursor: string): void {
    this.#cursors.delete(cursor);
    this.#cursors.add(cursor);
    if (this.#cursors.size > MAX_CURSORS) this.#cursors.delete(this.#cursors.values().next().value as string);
  }

  /** Is told that a record was written. */
  noteWrite(key: string): void {
    if (this.#snapshot && !isFresh(this.#snapshot)) this.#replace(undefined);
    for (const written of this.#logs) written.add(key);
  }

  async #take(store: StoreDirectory, state: DirectoryState): Promise<KnownKeys> {
    const startedAt = performance.now();
    const isSettled = this.#watch.isSettled(state);
    const written = new Set<string>();
    this.#logs.add(written);
    try {
      const known = await readKeys(store);
      const millis = performance.now() - startedAt;
      this.#replace({ ...known, state, isSettled, startedAt, millis, written });
      return known;
    } catch (error) {
      this.#logs.delete(written);
      throw error;
    }
  }

  #update(known: Snapshot): KnownKeys {
    if (known.written.size === 0) return known;
    const special = new Set([...known.special, ...known.written]);
    const keys = ascending([...known.keys, ...known.written], true);
    this.#replace({ ...known, isSettled: false, keys, special, written: new Set() });
    return { keys, special };
  }

  #replace(snapshot: Snapshot | undefined): void {
    if (this.#snapshot) this.#logs.delete(this.#snapshot.written);
    if (snapshot) this.#logs.add(snapshot.written);
    this.#snapshot = snapshot;
  }
}

function isFresh({ startedAt, millis }: Snapshot): boolean {
  return performance.now() - startedAt <= WALK_MILLIS_PER_MILLI * millis;
}

/** Reads the keys of a store from its directory. */
export async function readKeys(store: StoreDirectory): Promise<KnownKeys> {
  if (store.layout !== 'kv') {
    const special = foreignKeys(store, await readdir(store.path));
    return { keys: [...special].toSorted(), special };
  }
  const keys: string[] = [];
  const special = new Set<string>();
  for (const name of await readdir(store.path)) {
    if (keys.length % 512 === 0) await breathe();
    if (!store.ignoresCase && PLAIN_JSON.test(name)) {
      keys.push(name.slice(0, -'.json'.length));
      continue;
    }
    const key = keyOfFile(store, name);
    if (key === undefined) continue;
    keys.push(key);
    if (name !== `${key}.json`) special.add(key);
  }
  return { keys: ascending(keys, special.size > 0), special };
}

/** Sorts keys and drops doubles. Keys are ASCII, so the order of UTF-16 units is the order of their UTF-8 bytes. */
function ascending(keys: readonly string[], hasDoubles: boolean): readonly string[] {
  const sorted = keys.toSorted();
  return hasDoubles ? sorted.filter((key, index) => key !== sorted[index - 1]) : sorted;
}
