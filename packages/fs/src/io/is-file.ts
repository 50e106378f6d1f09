import { statSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { isFileError } from './file-error.js';

/** Looks at a regular file; `undefined` when there is none: nothing, something else, or a link that leads nowhere. */
export function statFile(path: string): Stats | undefined {
  try {
    const stats = statSync(path, { throwIfNoEntry: false });
    return stats?.isFile() === true ? stats : undefined;
  } catch (error) {
    if (isFileError(error, 'ELOOP')) return undefined;
    throw error;
  }
}

/** Tells whether there is a regular file. */
export function isFile(path: string): boolean {
  return statFile(path) !== undefined;
}
