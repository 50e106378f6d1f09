import { join } from 'node:path';
import { resolveForeign } from '../foreign/resolve-foreign.js';
import { isSidecarUnchanged } from '../layout/sidecar.js';
import { isSameDirectory } from '../store/store-directory.js';
import type { StoreDirectory } from '../store/store-directory.js';
import { findWrittenFiles, handPlacedFiles } from './record-files.js';
import type { RecordFile, WrittenFiles } from './record-files.js';

/** The file that holds a record, and what the caller made of it. */
export interface ResolvedRecord<T> extends RecordFile {
  /** Absolute path of the file. */
  readonly path: string;
  /** What `use` gave. */
  readonly result: T;
}

/** Looks at a file: gives a result, or `undefined` when there is no such file. */
export interface FileUse<T> {
  readonly use: (path: string) => T | undefined;
  /** Undoes `use` when the file turns out not to be the record. */
  readonly discard?: (result: T) => void;
}

// A writer that changes the type of a record again and again can make a reader start over; it cannot do so for ever.
const MAX_ATTEMPTS = 20;

/**
 * Finds the file of a record, so that its value and its content type are of the same write; `undefined` when there is none.
 *
 * @throws KvError `KV_STORAGE_NOT_FOUND` when the store's directory is gone, `KV_RECORD_CORRUPT` when the sidecar is damaged.
 */
export function resolveRecord<T>(store: StoreDirectory, key: string, file: FileUse<T>): ResolvedRecord<T> | undefined {
  if (store.layout !== 'kv') return resolveForeign(store, key, file);
  for (let attempt = 1; ; attempt += 1) {
    const files = findWrittenFiles(store, key);
    const written = firstThatExists(store, files.written, file);
    // In a directory that has not changed meanwhile, every look was at the same moment.
    if (!written && !files.sidecar && store.handPlaced.lacks(store.path, key)) return undefined;
    const found = written ?? firstThatExists(store, handPlacedFiles(store, key, files.sidecar), file);
    const isLast = attempt === MAX_ATTEMPTS;
    const isSettled = found ? isSure(store, files, found) : isSureOfNone(store, files);
    if (isSettled || isLast) return found;
    if (found) file.discard?.(found.result);
  }
}

/**
 * A file that is found is the record if no writer has committed anything since its sidecar was read: names are used again.
 * `KEY.json` where there is no sidecar needs no second look, because its name says its type.
 */
function isSure(store: StoreDirectory, { stem, sidecar }: WrittenFiles, found: RecordFile): boolean {
  if (!sidecar && found.name === `${stem.text}.json`) return true;
  return isSidecarUnchanged(store.path, stem.text, sidecar);
}

/** Nothing is there unless a writer was at work, or a purge that puts another directory in the place of the store's. */
function isSureOfNone(store: StoreDirectory, { stem, sidecar }: WrittenFiles): boolean {
  return isSameDirectory(store) && isSidecarUnchanged(store.path, stem.text, sidecar);
}

function firstThatExists<T>(
  store: StoreDirectory,
  candidates: Iterable<RecordFile>,
  file: FileUse<T>,
): ResolvedRecord<T> | undefined {
  for (const { name, contentType } of candidates) {
    const path = join(store.path, name);
    const result = file.use(path);
    if (result !== undefined) return { name, contentType, path, result };
  }
  return undefined;
}
