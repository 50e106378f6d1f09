import { directoryState, DirectoryWatch, isSameState } from '../io/directory-state.js';
import type { DirectoryState } from '../io/directory-state.js';
import { breathe } from '../io/breathe.js';
import { listNames } from '../io/list-names.js';
import { KnownMetadata } from './known-metadata.js';
import type { ReadMetadata } from './known-metadata.js';
import type { StoreMetadata } from './store-metadata.js';

/** A store on disk. */
export interface FoundStore {
  /** Name of its directory. */
  readonly place: string;
  readonly metadata: StoreMetadata;
}

/** What was seen when all stores were looked at, while a change of the directory in which they are would show. */
interface Snapshot {
  /** State of the directory before; `undefined` when there was none. */
  readonly state: DirectoryState | undefined;
  /** The first place of each id. */
  readonly places: ReadonlyMap<string, KnownMetadata>;
  /** Where no metadata could be read. */
  readonly blanks: readonly KnownMetadata[];
  /** On the clock of `performance.now()`. */
  readonly expiresAt: number;
}

// For metadata that a person has given another id in place, and stores behind a link: nothing else shows them.
const MAX_AGE_MILLIS = 1000;
// So looking again takes a tenth of the time at most.
const AGE_PER_LOOK_MILLI = 10;

/**
 * Knows the stores in a directory, and where each id is, as long as the disk says that this still holds.
 *
 * Stores come, go and change places by changing the directory; so while that is at rest, one look at it tells that no store
 * has an id. Only a place without metadata may become a store: that is looked at each time. Whoever gives the store in a place
 * another id touches the directory, see `MetadataFiles.announceId`.
 */
export class KnownStores {
  readonly #dir: string;
  readonly #read: ReadMetadata;
  readonly #watch: DirectoryWatch = new DirectoryWatch();
  #places: Map<string, KnownMetadata> = new Map();
  #snapshot: Snapshot | undefined;
  #acquainted: Promise<void> | undefined;

  constructor(dir: string, read: ReadMetadata) {
    this.#dir = dir;
    this.#read = read;
  }

  /** Reads all metadata for the first time, bit by bit: whoever looks then only has to see whether it has changed. */
  async getAcquainted(): Promise<void> {
    this.#acquainted ??= this.#readAll().catch((error: unknown) => {
      this.#acquainted = undefined;
      throw error;
    });
    return this.#acquainted;
  }

  /** Lists the stores whose metadata can be read, by their places. */
  list(): FoundStore[] {
    return this.#lookAtAll().flatMap((known) => {
      const metadata = known.get();
      return metadata ? [{ place: known.place, metadata }] : [];
    });
  }

  /** Finds a store by its id; of several, the first by their places. */
  findById(id: string): FoundStore | undefined {
    const known = this.#look().places.get(id);
    if (!known) return undefined;
    const metadata = lookAgain(known);
    if (metadata?.id === id) return { place: known.place, metadata };
    this.#snapshot = undefined;
    return this.list().find((found) => found.metadata.id === id);
  }

  /** Gives the last snapshot where it still holds, and a new one otherwise. */
  #look(): Snapshot {
    const state = directoryState(this.#dir);
    const isSettled = state !== undefined && this.#watch.isSettled(state);
    if (state && this.#snapshot && isCurrent(this.#snapshot, state)) return this.#snapshot;
    const snapshot = this.#take(state);
    this.#snapshot = isSettled ? snapshot : undefined;
    return snapshot;
  }

  #take(state: DirectoryState | undefined): Snapshot {
    const startedAt = performance.now();
    const places = new Map<string, KnownMetadata>();
    const blanks: KnownMetadata[] = [];
    for (const known of this.#lookAtAll()) {
      const id = known.get()?.id;
      if (id === undefined) blanks.push(known);
      else if (!places.has(id)) places.set(id, known);
    }
    const millis = performance.now() - startedAt;
    const expiresAt = startedAt + Math.max(MAX_AGE_MILLIS, AGE_PER_LOOK_MILLI * millis);
    return { state, places, blanks, expiresAt };
  }

  async #readAll(): Promise<void> {
    for (const known of this.#lookAtAll()) {
      const turn = breathe();
      if (turn) await turn;
      known.get();
    }
  }

  /** Looks at all before any is read: the last of many have been seen for long enough then, and need not be read twice. */
  #lookAtAll(): KnownMetadata[] {
    const all = listNames(this.#dir).map(
      (place) => this.#places.get(place) ?? new KnownMetadata(this.#dir, place, this.#read),
    );
    for (const known of all) known.look();
    this.#places = new Map(all.map((known) => [known.place, known]));
    return all;
  }
}

function isCurrent({ state, expiresAt, blanks }: Snapshot, now: DirectoryState): boolean {
  const isUnchanged = state !== undefined && isSameState(state, now) && performance.now() < expiresAt;
  return isUnchanged && !blanks.some((known) => lookAgain(known) !== undefined);
}

function lookAgain(known: KnownMetadata): StoreMetadata | undefined {
  known.look();
  return known.get();
}
