import { readdir } from 'node:fs/promises';
import { foreignKeys } from '../foreign/foreign-keys.js';
import { breathe } from '../io/breathe.js';
import { directoryState, DirectoryWatch, isSameState } from '../io/directory-state.js';
import type { DirectoryState } from '../io/directory-state.js';
import { storeIsGone } from '../store/store-directory.js';
import type { StoreDirectory } from '../store/store-directory.js';
import { keyOfFile } from './file-key.js';
import { SortedKeys } from './sorted-keys.js';

/** The keys of a store. Not every key is a record: a sidecar may have lost its value file. Whoever lists them looks at each. */
export interface KnownKeys {
  readonly keys: SortedKeys;
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
const NAMES_AT_ONCE = 1024;

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
    const keys = known.keys.with(known.written);
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
  const names = await readdir(store.path);
  if (store.layout !== 'kv') {
    const special = foreignKeys(store, names);
    return { keys: SortedKeys.fromFiles(Array.from(special, jsonFile)), special };
  }
  const others = await takeOthers(names, store.ignoresCase);
  const special = new Set<string>();
  for (const [index, name] of others.entries()) {
    if (index % NAMES_AT_ONCE === 0) await breathe();
    const key = keyOfFile(store, name);
    if (key === undefined) continue;
    names.push(jsonFile(key));
    if (name !== jsonFile(key)) special.add(key);
  }
  return { keys: SortedKeys.fromFiles(names), special };
}

/** Takes those names out of an array that are not plainly `KEY.json`. */
async function takeOthers(names: string[], ignoresCase: boolean): Promise<readonly string[]> {
  if (ignoresCase) return names.splice(0);
  const others: string[] = [];
  let count = 0;
  for (let start = 0; start < names.length; start += NAMES_AT_ONCE) {
    await breathe();
    count = moveUp(names, start, count, others);
  }
  names.length = count;
  return others;
}

/** Moves the plain ones of some names up to where the last ones are: to fill another array would take as long as to look at them. */
function moveUp(names: string[], start: number, count: number, others: string[]): number {
  const end = Math.min(start + NAMES_AT_ONCE, names.length);
  let next = count;
  for (let index = start; index < end; index += 1) {
    const name = names[index] as string;
    if (PLAIN_JSON.test(name)) names[next++] = name;
    else others.push(name);
  }
  return next;
}

function jsonFile(key: string): string {
  return `${key}.json`;
}
