import { renameSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { isFileError } from './file-error.js';
import { listNames } from './list-names.js';
import { makerOf } from './process-mark.js';

/** Ends the name of a file that was in the passage when the gate was closed, until its owner takes it up again. */
export const LATE = '.late';

/**
 * Puts a fresh directory `next`, with the same files, in the place of a passage that was closed just now.
 *
 * A rename that was under way in the system when the gate was closed has found its directories already, and would go through.
 * From a directory without its file, or into one that was removed, it cannot. And the files of others get another name: what
 * their owners have seen of the store may not be true any more, so they have to look again before they go on.
 */
export function renewPassage(held: string, next: string, leftovers: readonly string[]): void {
  try {
    empty(held, next);
    for (const dir of leftovers) emptyIfThere(dir, next);
    renameSync(next, held);
  } catch (error) {
    // Somebody has broken the gate meanwhile, and has taken the files along.
    if (isFileError(error, 'ENOENT')) removeIfEmpty(next);
    throw error;
  }
}

/** Moves what is in a directory, and removes it; again, as long as others bring something. */
function empty(dir: string, next: string): void {
  do for (const name of listNames(dir)) moveIfThere(join(dir, name), join(next, lateName(name)));
  while (!removeIfEmpty(dir));
}

/** Who has made a leftover, and wakes up late, removes it when it is empty. */
function emptyIfThere(dir: string, next: string): void {
  try {
    empty(dir, next);
  } catch (error) {
    if (!isFileError(error, 'ENOENT')) throw error;
  }
}

/** What has no maker is what a holder has left half done. */
function lateName(name: string): string {
  const maker = makerOf(name);
  return maker === undefined || maker === 'self' || name.endsWith(LATE) ? name : name + LATE;
}

function moveIfThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if (!isFileError(error, 'ENOENT')) throw error;
  }
}

function removeIfEmpty(dir: string): boolean {
  try {
    rmdirSync(dir);
    return true;
  } catch (error) {
    if (isFileError(error, 'ENOTEMPTY', 'EEXIST')) return false;
    throw error;
  }
}
