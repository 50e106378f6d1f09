import { randomBytes } from 'node:crypto';
import { copyFileSync, cpSync, existsSync, renameSync, rmSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { isFileError } from '../io/file-error.js';
import { makeDirectory } from '../io/make-directory.js';
import { placeNewFile } from '../io/place-file.js';
import { markOf } from './problem.js';

/** Keeps what a repair takes away, under its path from the root: nothing that may be of use to someone is deleted. */
export class Quarantine {
  readonly #root: string;
  readonly #dir: string;
  #isUsed = false;

  constructor(root: string) {
    const time = new Date().toISOString().replaceAll(':', '-');
    this.#root = root;
    this.#dir = join(root, '.kv', 'quarantine', `${time}-${randomBytes(2).toString('hex')}`);
  }

  /** Absolute path, when anything was moved there. */
  get path(): string | undefined {
    return this.#isUsed ? this.#dir : undefined;
  }

  /**
   * Moves a file or directory away, if it is still the one that was seen.
   *
   * It never lies in a passage on its way, where it would be taken for a temp file if this process died.
   */
  take(path: string, mark: string | undefined): boolean {
    if (mark === undefined || markOf(path) !== mark) return false;
    const target = this.#targetFor(path);
    if (!rename(path, target) || markOf(target) === mark) return true;
    // A writer has put a new one there between the look and the move: it goes back, unless yet another one is there.
    placeNewFile(target, path, 'rename');
    return false;
  }

  /** Keeps a copy of a file that is about to be replaced, if it is still the one that was seen. */
  keep(path: string, mark: string | undefined): boolean {
    if (mark === undefined || markOf(path) !== mark) return false;
    copyFileSync(path, this.#targetFor(path));
    return true;
  }

  #targetFor(path: string): string {
    const target = join(this.#dir, relative(this.#root, path));
    makeDirectory(dirname(target));
    this.#isUsed = true;
    let free = target;
    for (let count = 1; existsSync(free); count += 1) free = `${target}~${count}`;
    return free;
  }
}

/** Moves a file or directory; `false` when it had to be copied, because a store may lie on a device of its own. */
function rename(path: string, target: string): boolean {
  try {
    renameSync(path, target);
    return true;
  } catch (error) {
    if (!isFileError(error, 'EXDEV')) throw error;
    cpSync(path, target, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
    rmSync(path, { recursive: true });
    return false;
  }
}
