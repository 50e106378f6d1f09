import { directoryState, DirectoryWatch, isSameState } from '../io/directory-state.js';
import type { DirectoryState } from '../io/directory-state.js';
import { DirectoryReader } from '../io/directory-reader.js';
import { adoptFile } from '../layout/adopted-file.js';
import { isSidecarName, sidecarStem } from '../layout/sidecar.js';

interface Knowledge {
  readonly state: DirectoryState;
  readonly keys: ReadonlySet<string>;
}

const FIRST_PRICE_MILLIS = 1;

/**
 * Knows the keys of a store that a file placed by hand may stand for, as long as the store's directory does not change.
 *
 * Looking for such a file takes a score of system calls; knowing that there is none takes one. Reading the directory may take
 * as long as looking has taken, and no longer, so no store pays more than double, be it written all the time.
 */
export class HandPlacedKeys {
  readonly #ignoresCase: boolean;
  readonly #watch: DirectoryWatch = new DirectoryWatch();
  #known: Knowledge | undefined;
  #reader: DirectoryReader | undefined;
  #lost = 0;
  #price = FIRST_PRICE_MILLIS;

  constructor(ignoresCase: boolean) {
    this.#ignoresCase = ignoresCase;
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

  /** Is told how long looking for a file in vain took. */
  noteLoss(path: string, millis: number): void {
    this.#lost += millis;
    if (this.#known) return;
    if (this.#reader) this.#readOn(this.#reader);
    else if (this.#lost > this.#price) this.#startReading(path);
  }

  #startReading(path: string): void {
    const state = directoryState(path);
    if (!state || !this.#watch.isSettled(state)) return;
    const reader = new DirectoryReader(path, state, (name) => this.#isTelling(name));
    this.#reader = reader;
    // Reading goes on with each look-up, and between them: a loop of look-ups may leave no time for anything else.
    const readLater = (): unknown => this.#reader === reader && this.#readOn(reader) && setImmediate(readLater).unref();
    setImmediate(readLater).unref();
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

  #learn({ state, names }: DirectoryReader): void {
    // A key with a sidecar is looked for everywhere, so the value files of such records need not be remembered.
    const stems = new Set(names.filter(isSidecarName).map(sidecarStem));
    const keys = new Set<string>();
    for (const name of names) {
      if (isSidecarName(name) || stems.has(name) || stems.has(name.slice(0, name.lastIndexOf('.')))) continue;
      const key = adoptFile(name, this.#ignoresCase)?.key;
      if (key !== undefined) keys.add(key);
    }
    this.#known = { state, keys };
    this.#lost = 0;
  }

  /** `KEY.json` is looked for in any case. But where `a` and `A` are one name, it may be placed by hand for another key. */
  #isTelling(name: string): boolean {
    return this.#ignoresCase || !name.endsWith('.json') || isSidecarName(name);
  }
}
