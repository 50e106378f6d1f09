import { closeSync, fstatSync } from 'node:fs';
import type { Stats } from 'node:fs';
import type { ContentEncoding } from '@kv/core';
import { openIfExists } from '../io/open-if-exists.js';
import type { StoreDirectory } from '../store/store-directory.js';
import { resolveRecord } from './resolve-record.js';

/** A file that is open for reading. The opener closes it. */
export interface OpenFile {
  /** File descriptor. */
  readonly fd: number;
  /** State of the file when it was opened. */
  readonly stats: Stats;
}

/** A record whose value file is open for reading. */
export interface OpenRecord extends OpenFile {
  /** Absolute path of the value file. */
  readonly path: string;
  /** Content type of the value. */
  readonly contentType: string;
  /** The coding that the value came in, where that is known. */
  readonly contentEncoding: ContentEncoding | undefined;
}

/** Opens the value file of a record for reading; `undefined` when there is none. */
export function openRecord(store: StoreDirectory, key: string): OpenRecord | undefined {
  const record = resolveRecord(store, key, { use: openFile, discard: ({ fd }) => closeSync(fd) });
  if (!record) return undefined;
  const { path, contentType, contentEncoding, result } = record;
  return { path, contentType, contentEncoding, ...result };
}

function openFile(path: string): OpenFile | undefined {
  const fd = openIfExists(path);
  return fd === undefined ? undefined : asRegularFile(fd);
}

/** Takes an open file for what it is; one that is no regular file is closed, and as good as absent. */
export function asRegularFile(fd: number): OpenFile | undefined {
  try {
    const stats = fstatSync(fd);
    if (stats.isFile()) return { fd, stats };
  } catch (error) {
    closeSync(fd);
    throw error;
  }
  closeSync(fd);
  return undefined;
}
