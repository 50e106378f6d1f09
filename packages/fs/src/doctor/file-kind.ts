import { statSync } from 'node:fs';
import { isFileError } from '../io/file-error.js';

/** What stands under a name, behind a link if it is one. `other`: a pipe, a link to nowhere, a thing that cannot be looked at. */
export type FileKind = 'file' | 'directory' | 'other';

/** Looks what stands under a path. */
export function fileKind(path: string): FileKind {
  try {
    const stats = statSync(path);
    if (stats.isFile()) return 'file';
    return stats.isDirectory() ? 'directory' : 'other';
  } catch (error) {
    if (isFileError(error)) return 'other';
    throw error;
  }
}
