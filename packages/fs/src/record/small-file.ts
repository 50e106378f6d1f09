import { closeSync, readSync } from 'node:fs';
import { isFileError } from '../io/file-error.js';
import { openIfExists } from '../io/open-if-exists.js';
import { SMALL_VALUE_BYTES } from '../io/small-value.js';
import { asRegularFile } from './open-record.js';
import type { OpenFile } from './open-record.js';

// One byte more than a small value has tells that a file is larger. Nothing else runs while it is in use.
const buffer = new Uint8Array(SMALL_VALUE_BYTES + 1);

/**
 * Reads a file at once if it is small, or else opens it; `undefined` when there is none.
 *
 * A small file takes three system calls: nobody asks whether it exists, or for its size.
 */
export function readSmallFile(path: string): Uint8Array | OpenFile | undefined {
  const fd = openIfExists(path);
  if (fd === undefined) return undefined;
  const size = tryRead(fd);
  // Nothing comes out of an empty file, and out of much that is no file.
  if (size === undefined || size === 0 || size > SMALL_VALUE_BYTES) {
    return asRegularFile(fd);
  }
  closeSync(fd);
  return buffer.slice(0, size);
}

/** Reads the beginning of a file without moving its position; `undefined` when it cannot be read as one. */
function tryRead(fd: number): number | undefined {
  try {
    return readSync(fd, buffer, 0, buffer.length, 0);
  } catch (error) {
    if (isFileError(error, 'EISDIR', 'ESPIPE', 'EAGAIN')) return undefined;
    closeSync(fd);
    throw error;
  }
}
