import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { isFileError } from '../io/file-error.js';
import type { MetadataFiles } from '../store/store-metadata.js';
import { Stores } from '../store/stores.js';
import type { SyncProblem } from './problem.js';
import { Quarantine } from './quarantine.js';

/** The directory that is looked at, and what repairs work with. */
export interface Site {
  readonly root: string;
  /** Where the stores are. */
  readonly storesDir: string;
  /** Where the gates of the stores are. */
  readonly gatesDir: string;
  readonly stores: Stores;
  readonly metadata: MetadataFiles;
  readonly quarantine: Quarantine;
  readonly signal: AbortSignal | undefined;
}

/** Makes a site; touches nothing. */
export function createSite(root: string, signal: AbortSignal | undefined): Site {
  // A repair is rare, and what it has done must not be half there after a power loss.
  const stores = new Stores({ root, durability: 'fsync', layout: 'kv', defaultId: 'default' });
  return {
    root,
    storesDir: join(root, 'key_value_stores'),
    gatesDir: join(root, '.kv', 'stores'),
    stores,
    metadata: stores.metadata,
    quarantine: new Quarantine(root),
    signal,
  };
}

/** Tells what this user may not do with a file or directory. */
export function accessProblem(path: string, isDirectory: boolean): SyncProblem | undefined {
  const { R_OK, W_OK, X_OK } = constants;
  if (!isAllowed(path, isDirectory ? R_OK | X_OK : R_OK)) {
    return { code: 'access-denied', path, message: `This user may not read ${path}.` };
  }
  if (!isDirectory || isAllowed(path, W_OK)) return undefined;
  return { code: 'read-only', path, message: `This user may not write into ${path}.` };
}

function isAllowed(path: string, mode: number): boolean {
  try {
    accessSync(path, mode);
    return true;
  } catch (error) {
    // What is gone by now is denied to nobody.
    if (isFileError(error, 'ENOENT', 'ENOTDIR')) return true;
    if (isFileError(error)) return false;
    throw error;
  }
}
