import { opendirSync } from 'node:fs';
import type { Dir } from 'node:fs';
import type { DirectoryState } from './directory-state.js';
import { isFileError } from './file-error.js';

const NAMES_AT_ONCE = 128;

/** Reads the names in a directory bit by bit, and remembers those that are wanted. */
export class DirectoryReader {
  /** State of the directory before. */
  readonly state: DirectoryState;
  /** What was read so far and is wanted. */
  readonly names: string[] = [];
  /** How many names there were so far. */
  count = 0;
  /** How long it took. */
  millis = 0;
  /** Whether these are all names. */
  isComplete = false;
  readonly #path: string;
  readonly #isWanted: (name: string) => boolean;
  #dir: Dir | undefined;

  constructor(path: string, state: DirectoryState, isWanted: (name: string) => boolean) {
    this.state = state;
    this.#path = path;
    this.#isWanted = isWanted;
  }

  /** Reads some names; `false` when there are no more, or no more can be read. */
  readOn(): boolean {
    const started = performance.now();
    try {
      const dir = (this.#dir ??= opendirSync(this.#path, { bufferSize: NAMES_AT_ONCE }));
      for (let left = NAMES_AT_ONCE; left > 0; left -= 1) {
        const entry = dir.readSync();
        this.isComplete = entry === null;
        if (!entry) return false;
        this.count += 1;
        if (this.#isWanted(entry.name)) this.names.push(entry.name);
      }
      return true;
    } catch (error) {
      if (isFileError(error)) return false;
      throw error;
    } finally {
      this.millis += performance.now() - started;
    }
  }

  close(): void {
    this.#dir?.closeSync();
  }
}
