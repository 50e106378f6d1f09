import { closeSync, fstatSync, statSync } from 'node:fs';
import { join, sep } from 'node:path';
import { resolveForeign } from '../foreign/resolve-foreign.js';
import { neverRests } from './never-rests.js';
import { isFile } from '../io/is-file.js';
import { openIfExists } from '../io/open-if-exists.js';
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
const MAX_ATTEMPTS = 1000;

/**
 * Finds the file of a record, so that its value and its content type are of the same write; `undefined` when there is none.
 *
 * @throws KvError `KV_STORAGE_NOT_FOUND` when the store's directory is gone, `KV_RECORD_CORRUPT` when the sidecar is damaged;
 * `KV_STORAGE_BUSY` when the record changes all the time.
 */
export function resolveRecord<T>(store: StoreDirectory, key: string, file: FileUse<T>): ResolvedRecord<T> | undefined {
  if (store.layout !== 'kv') return resolveForeign(store, key, file);
  for (let attempt = 1; ; attempt += 1) {
    const { record, isSettled } = look(store, key, file);
    if (isSettled) return record;
    if (record) file.discard?.(record.result);
    if (attempt === MAX_ATTEMPTS) throw neverRests(store, key);
  }
}

/** What one look gave, and whether no writer can have misled it. */
interface Sight<T> {
  readonly record: ResolvedRecord<T> | undefined;
  readonly isSettled: boolean;
}

function look<T>(store: StoreDirectory, key: string, file: FileUse<T>): Sight<T> {
  if (store.handPlaced.lacksAll(store.path, key)) return { record: undefined, isSettled: true };
  const files = findWrittenFiles(store, key);
  const record = firstThatExists(store, files.written, file);
  if (record) return { record, isSettled: isSure(store, files, record) };
  // In a directory that has not changed meanwhile, every look was at the same moment.
  if (!files.sidecar && store.handPlaced.lacks(store.path, key)) return { record, isSettled: true };
  return lookForHandPlaced(store, key, files, file) ?? { record, isSettled: isSureOfNone(store, files) };
}

/**
 * A file that is found is the record if no writer has committed anything since its sidecar was read: names are used again.
 * `KEY.json` where there is no sidecar needs no second look, because its name says its type.
 */
function isSure(store: StoreDirectory, { stem, sidecar }: WrittenFiles, found: RecordFile): boolean {
  if (!sidecar && found.name === `${stem.text}.json`) return true;
  return isSidecarUnchanged(store.path, stem.text, sidecar);
}

/**
 * Finds a file placed by hand. It is the record if it stays in its place until its sidecar has been looked for once more:
 * otherwise a writer may have put it there, with a sidecar, and have taken both away again.
 */
function lookForHandPlaced<T>(
  store: StoreDirectory,
  key: string,
  { stem, sidecar }: WrittenFiles,
  file: FileUse<T>,
): Sight<T> | undefined {
  for (const candidate of handPlacedFiles(store, key, sidecar)) {
    const path = join(store.path, candidate.name);
    // While it is open, its inode is nobody else's.
    const fd = openIfExists(path);
    if (fd === undefined) continue;
    try {
      const result = file.use(path);
      if (result === undefined) continue;
      const isSettled = isSidecarUnchanged(store.path, stem.text, sidecar) && isInPlace(fd, path);
      return { record: { ...candidate, path, result }, isSettled };
    } finally {
      closeSync(fd);
    }
  }
  return undefined;
}

function isInPlace(fd: number, path: string): boolean {
  const now = statSync(path, { throwIfNoEntry: false });
  const { ino, ctimeMs } = fstatSync(fd);
  return now?.ino === ino && now.ctimeMs === ctimeMs;
}

/**
 * Nothing is there unless a writer was at work, or a purge that puts another directory in the place of the store's. Where the
 * type has changed to and fro meanwhile, the value is there again; and through FUSE, a file that is being replaced is missing
 * for a moment.
 */
function isSureOfNone(store: StoreDirectory, { stem, sidecar, written }: WrittenFiles): boolean {
  if (!isSameDirectory(store) || !isSidecarUnchanged(store.path, stem.text, sidecar)) return false;
  return !written.some(({ name }) => isFile(join(store.path, name)));
}

function firstThatExists<T>(
  store: StoreDirectory,
  candidates: Iterable<RecordFile>,
  file: FileUse<T>,
): ResolvedRecord<T> | undefined {
  for (const { name, contentType, contentEncoding } of candidates) {
    const path = store.path + sep + name;
    const result = file.use(path);
    if (result !== undefined) return { name, contentType, contentEncoding, path, result };
  }
  return undefined;
}
