import { join } from 'node:path';
import { statFile } from '../io/is-file.js';
import { readSidecarFile } from '../layout/sidecar.js';
import { neverRests } from '../record/never-rests.js';
import { isSameDirectory } from '../store/store-directory.js';
import type { StoreDirectory } from '../store/store-directory.js';
import { findForeignFile, readSidecarOr, sidecarStems } from './foreign-files.js';
import type { ForeignFile } from './foreign-files.js';
import { describedType } from './foreign-sidecar.js';
import type { FoundForeignSidecar } from './foreign-sidecar.js';
import { hasExtensions } from './layout-name.js';

/** Looks at a file: gives a result, or `undefined` when there is no such file. */
interface FileUse<T> {
  readonly use: (path: string) => T | undefined;
  readonly discard?: (result: T) => void;
}

/** The file of a record in a store of another tool, and what the caller made of it. */
interface UsedFile<T> extends ForeignFile {
  readonly path: string;
  readonly result: T;
}

// A writer that never rests can make a reader start over again and again. It takes a while until that is worth an error.
const MAX_ATTEMPTS = 1000;
// A look-up asks for one file after another. Meanwhile a record may have gone from one that comes later to one that was asked for.
const ENOUGH_LOOKS = 3;

/**
 * Finds the file of a record in a store of another tool, so that its value and its content type are of the same write;
 * `undefined` when there is none.
 *
 * Which type a file has is decided by its size and time, so it must be the same file before and after its use, and the sidecar too.
 *
 * @throws KvError `KV_RECORD_CORRUPT` when the sidecar is damaged, `KV_STORAGE_BUSY` when the record changes all the time.
 */
export function resolveForeign<T>(store: StoreDirectory, key: string, file: FileUse<T>): UsedFile<T> | undefined {
  for (let attempt = 1; ; attempt += 1) {
    const stem = sidecarStems(store, key)[0] as string;
    const before = readSidecarOr(store, stem, 'throw');
    const found = findForeignFile(store, key, 'throw', before);
    const used = found && useFile(store, found, file);
    const isSettled = (): boolean => (used ? isUnchanged(store, used) : !found && isSureOfNone(store, attempt));
    const isKnown = used?.stem === stem || (isSame(store, stem, before) && !isMissed(before, used));
    if (isKnown && isSettled()) return used;
    if (used) file.discard?.(used.result);
    if (attempt === MAX_ATTEMPTS) throw neverRests(store, key);
  }
}

function useFile<T>(store: StoreDirectory, found: ForeignFile, file: FileUse<T>): UsedFile<T> | undefined {
  const path = join(store.path, found.name);
  const result = file.use(path);
  return result === undefined ? undefined : { ...found, path, result };
}

function isSureOfNone(store: StoreDirectory, attempt: number): boolean {
  return isSameDirectory(store) && (attempt >= ENOUGH_LOOKS || !hasExtensions(store.layout));
}

/** A file that has come after the sidecar was asked for it, and before it was found by its own name. */
function isMissed(before: FoundForeignSidecar | undefined, used: ForeignFile | undefined): boolean {
  return before !== undefined && used !== undefined && describedType(before, used.name, used.stats) !== undefined;
}

/** As long as a value is there, so is the sidecar that speaks of it: hence the value is looked at last. */
function isUnchanged(store: StoreDirectory, { name, stem, sidecar, stats }: ForeignFile): boolean {
  if (!isSame(store, stem, sidecar)) return false;
  const after = statFile(join(store.path, name));
  return after?.ino === stats.ino && after.mtimeMs === stats.mtimeMs && after.size === stats.size;
}

function isSame(store: StoreDirectory, stem: string, sidecar: FoundForeignSidecar | undefined): boolean {
  return readSidecarFile(store.path, stem)?.text === sidecar?.text;
}
