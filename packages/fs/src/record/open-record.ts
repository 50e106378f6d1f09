import { closeSync, constants, existsSync, fstatSync, openSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { isFileError } from '../io/file-error.js';
import type { StoreDirectory } from '../store/store-directory.js';
import { resolveRecord } from './resolve-record.js';

/** A record whose value file is open for reading. The opener closes it. */
export interface OpenRecord {
  /** Absolute path of the value file. */
  readonly path: string;
  /** Content type of the value. */
  readonly contentType: string;
  /** File descriptor. */
  readonly fd: number;
  /** State of the file when it was opened. */
  readonly stats: Stats;
}

/** Opens the value file of a record for reading; `undefined` when there is none. */
export function openRecord(store: StoreDirectory, key: string): OpenRecord | undefined {
  const record = resolveRecord(store, key, { use: openFile, discard: ({ fd }) => closeSync(fd) });
  if (!record) return undefined;
  return { path: record.path, contentType: record.contentType, ...record.result };
}

function openFile(path: string): { fd: number; stats: Stats } | undefined {
  // A failed open costs several times more than asking first, because of the error object that it makes.
  if (!existsSync(path)) return undefined;
  try {
    // Opening a pipe would wait for its other end.
    const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stats = fstatSync(fd);
    if (stats.isFile()) return { fd, stats };
    closeSync(fd);
    return undefined;
  } catch (error) {
    if (isFileError(error, 'ENOENT', 'EISDIR')) return undefined;
    throw error;
  }
}
