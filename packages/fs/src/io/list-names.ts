import { readdirSync } from 'node:fs';
import { isFileError } from './file-error.js';

/** Lists the names in a directory; none when there is no directory. */
export function listNames(dir: string): string[] {
  try {
    return readdirSync(dir);
  } catch (error) {
    if (isFileError(error, 'ENOENT')) return [];
    throw error;
  }
}
