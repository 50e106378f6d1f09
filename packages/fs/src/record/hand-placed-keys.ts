import { directoryState, DirectoryWatch, isSameState } from '../io/directory-state.js';
import type { DirectoryState } from '../io/directory-state.js';
import { DirectoryReader } from '../io/directory-reader.js';
import { adoptFile } from '../layout/adopted-file.js';
import { encodeStem } from '../layout/file-stem.js';
import { isSidecarName, sidecarName, sidecarStem } from '../layout/sidecar.js';

interface Knowledge {
  readonly state: DirectoryState;
  /** The keys that a file placed by hand may stand for. */
  readonly keys: ReadonlySet<string>;
  /** All names in the directory; `undefined` when they are too many. */
  readonly names: ReadonlySet<string> | undefined;
}

const FIRST_PRICE_MILLIS = 1;
// A megabyte or so. Beyond that, names that tell nothing but `KEY.json` are not kept.
const MAX_NAMES = 10_000;
// A little longer than it takes to see that nothing has changed.
const REST_MILLIS = 60;
const LOOK_MILLIS = 0.02;

/**
 * Knows the keys of a store that a file placed by hand may stand for, as long as the store's directory does not change.
 *
 * Looking for such a file takes a score of system calls; knowing that there is none takes one. Where there are not too many, it
 * knows all names, so that one call tells that a key is absent. Reading the directory may take
 * as long as looking has taken, and no longer, so no store pays more than double, be it written all the time.
 */
export class HandPlacedKeys {
  readonly #ignoresCase: boolean;
  readonly #watch: DirectoryWatch = new DirectoryWatch();
  #known: Knowledge | undefined;
  #reader: DirectoryReader | undefined;
  #isWaiting = false;
  #lost = 0;
  #price = FIRST_PRICE_MILLIS;

  constructor(ignoresCase: boolean) {
    this.#ignoresCase = ignoresCase;
  }

  /** Tells whether a key surely has no file at all. A look at the directory is taken only when nothing is known to the contrary. */
  lacksAll(path: string, key: string): boolean {
    const names = this.#known?.names;
    // Nearly all keys are in the name of their file as they are.
    if (!names || names.has(`${key}.json`)) return false;
    const { text } = encodeStem(key, this.#ignoresCase);
    return !names.has(`${text}.json`) && !names.has(sidecarName(text)) && this.lacks(path, key);
  }

  /**
   * Tells whether a key surely has no file placed by hand. The caller has seen no sidecar of it: that too is sure then, to
   * the same moment.
   */
  lacks(path: string, key: string): boolean {
    if (!this.#known) return false;
    const state = directoryState(path);
    if (state && isSameState(state, this.#known.state)) return !this.#known.keys.has(key);
    this.#known = undefined;
    return false;
  }

  /** Is told that a record was written or removed: what was known may be learnt anew when the store has come to rest. */
  noteChange(path: string): void {
    this.#known = undefined;
    if (this.#lost > this.#price) this.#waitForRest(path);
  }

  /** Is told how long looking for a file in vain took. */
  noteLoss(path: string, millis: number): void {
    this.#lost += millis;
    if (this.#known) return;
    if (this.#reader) this.#readOn(this.#reader);
    else this.#startReading(path);
  }

  #startReading(path: string): void {
    if (this.#known || this.#reader || this.#lost <= this.#price) return;
    const state = directoryState(path);
    if (!state) return;
    if (!this.#watch.isSettled(state)) return this.#waitForRest(path);
    const reader = new DirectoryReader(path, state, (name) => this.#isTelling(name) || reader.count <= MAX_NAMES);
    this.#reader = reader;
    // Reading goes on with each look-up, and between them: a loop of look-ups may leave no time for anything else.
    const readLater = (): unknown => this.#reader === reader && this.#readOn(reader) && setImmediate(readLater).unref();
    setImmediate(readLater).unref();
  }

  /** Looks again when the directory may be at rest, for as long as that costs less than what was lost. */
  #waitForRest(path: string): void {
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    this.#lost -= LOOK_MILLIS;
    setTimeout(() => {
      this.#isWaiting = false;
      this.#startReading(path);
    }, REST_MILLIS).unref();
  }

  /** Reads some names; `false` when there is nothing more to do. */
  #readOn(reader: DirectoryReader): boolean {
    // Half of it, and twice as much the next time: all attempts together cost no more than what was lost.
    const isOver = !reader.readOn() || reader.millis > this.#lost / 2;
    if (!isOver) return true;
    this.#reader = undefined;
    reader.close();
    this.#price = reader.isComplete ? reader.millis : 2 * this.#lost;
    if (reader.isComplete) this.#learn(reader);
    return false;
  }

  #learn({ state, names, count, millis }: DirectoryReader): void {
    // A key with a sidecar is looked for everywhere, so the value files of such records need not be remembered.
    const stems = new Set(names.filter(isSidecarName).map(sidecarStem));
    const keys = new Set<string>();
    for (const name of names) {
      if (!this.#isTelling(name)) continue;
      const key = adoptFile(name, this.#ignoresCase)?.key;
      if (key !== undefined && !stems.has(encodeStem(key, this.#ignoresCase).text)) keys.add(key);
    }
    // Where `a` and `A` are one name, a file may be found under another one.
    const isAll = !this.#ignoresCase && names.length === count && count <= MAX_NAMES;
    this.#known = { state, keys, names: isAll ? new Set(names) : undefined };
    this.#lost -= millis;
  }

  /** `KEY.json` is looked for in any case. But where `a` and `A` are one name, it may be placed by hand for another key. */
  #isTelling(name: string): boolean {
    return this.#ignoresCase || !name.endsWith('.json') || isSidecarName(name);
  }
}
