import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { isFileError } from './file-error.js';

/**
 * Makes a directory and those above it; returns the first that was missing, `undefined` when there is nothing to do.
 *
 * Node's own `recursive` never returns where a directory exists but refuses entries, as `/proc` does.
 */
export function makeDirectory(path: string): string | undefined {
  try {
    return makeOne(path);
  } catch (error) {
    if (!isFileError(error, 'ENOENT') || dirname(path) === path) throw error;
  }
  const first = makeDirectory(dirname(path));
  return makeOne(path) === undefined ? first : (first ?? path);
}

function makeOne(path: string): string | undefined {
  try {
    mkdirSync(path);
    return path;
  } catch (error) {
    const exists = isFileError(error, 'EEXIST') && statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
    if (exists) return undefined;
    throw error;
  }
}
