import { close } from 'node:fs';
import { isKvError } from '@kv/core';
import { isFileError } from './file-error.js';
import { isWindows } from './is-windows.js';
import { openIfExists } from './open-if-exists.js';

/**
 * Makes a change that takes the last name of a large file away, and leaves it to a thread to free its blocks: for 256 MiB that
 * takes some 100 ms. Until it is closed, a file that is open is not freed.
 */
export function freeLater<T>(path: string, change: () => T): T {
  // Windows does not replace what is open.
  const fd = isWindows() ? undefined : tryOpen(path);
  try {
    return change();
  } finally {
    if (fd !== undefined) close(fd, ignore);
  }
}

/** What cannot be opened is freed at once. */
function tryOpen(path: string): number | undefined {
  try {
    return openIfExists(path);
  } catch (error) {
    if (isKvError(error) || isFileError(error)) return undefined;
    throw error;
  }
}

/** Nothing depends on it. */
function ignore(): void {}
