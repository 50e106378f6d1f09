import { mkdirSync, renameSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isFileError } from '../io/file-error.js';
import { listNames } from '../io/list-names.js';
import { makeDirectory } from '../io/make-directory.js';
import { markedName } from '../io/process-mark.js';

const PURGE = /^purge-(\d{9})$/;

/**
 * Keeps what was removed until there is time to delete it, in `{dir}/.kv/trash`: a directory for each purge, and one for each
 * store that was dropped. What the last purge has removed stays there, to be restored.
 */
export class Trash {
  readonly #dir: string;

  constructor(root: string) {
    this.#dir = join(root, '.kv', 'trash');
  }

  /** Makes the directory of a purge; that of one that has begun already is known by its name. */
  newPurge(name?: string): string {
    makeDirectory(this.#dir);
    if (name !== undefined && PURGE.test(name)) {
      makeDirectory(join(this.#dir, name));
      return join(this.#dir, name);
    }
    for (let number = this.#lastNumber() + 1; ; number += 1) {
      const path = join(this.#dir, `purge-${String(number).padStart(9, '0')}`);
      try {
        mkdirSync(path);
        return path;
      } catch (error) {
        if (!isFileError(error, 'EEXIST')) throw error;
      }
    }
  }

  /** Gives the directory of the last purge; `undefined` when there was none. */
  lastPurge(): string | undefined {
    const last = this.#purges().at(-1);
    return last === undefined ? undefined : join(this.#dir, last);
  }

  /** Takes a directory away at one blow for everyone who looks, and says where it is. */
  take(path: string): string {
    makeDirectory(this.#dir);
    const taken = join(this.#dir, `drop-${markedName()}`);
    renameSync(path, taken);
    return taken;
  }

  /** Deletes all but what the last purge has removed. */
  async empty(): Promise<void> {
    const last = this.#purges().at(-1);
    for (const name of listNames(this.#dir)) {
      if (name !== last) await rm(join(this.#dir, name), { recursive: true, force: true });
    }
  }

  #purges(): string[] {
    return listNames(this.#dir)
      .filter((name) => PURGE.test(name))
      .toSorted();
  }

  #lastNumber(): number {
    return Number(PURGE.exec(this.#purges().at(-1) ?? '')?.[1] ?? 0);
  }
}
