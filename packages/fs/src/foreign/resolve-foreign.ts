import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isSidecarUnchanged, sidecarName } from '../layout/sidecar.js';
import { isSameDirectory } from '../store/store-directory.js';
import type { StoreDirectory } from '../store/store-directory.js';
import { findForeignFile, readSidecarOr, sidecarStems } from './foreign-files.js';
import type { ForeignFile } from './foreign-files.js';
import type { FoundForeignSidecar } from './foreign-sidecar.js';

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

const MAX_ATTEMPTS = 20;

/**
 * Finds the file of a record in a store of another tool, so that its value and its content type are of the same write;
 * `undefined` when there is none.
 *
 * Which type a file has is decided by its size and time, so it must be the same file before and after its use, and the sidecar too.
 */
export function resolveForeign<T>(store: StoreDirectory, key: string, file: FileUse<T>): UsedFile<T> | undefined {
  for (let attempt = 1; ; attempt += 1) {
    const stem = sidecarStems(store, key)[0] as string;
    const before = readSidecarOr(store, stem, 'throw');
    const found = use(store, key, file);
    const isSettled = found ? isUnchanged(store, found) : isSameDirectory(store);
    if ((isSettled && isSame(store, stem, before)) || attempt === MAX_ATTEMPTS) return found;
    if (found) file.discard?.(found.result);
  }
}

function use<T>(store: StoreDirectory, key: string, file: FileUse<T>): UsedFile<T> | undefined {
  const found = findForeignFile(store, key, 'throw');
  const path = join(store.path, found?.name ?? '');
  const result = found && file.use(path);
  return found && result !== undefined ? { ...found, path, result } : undefined;
}

function isUnchanged(store: StoreDirectory, found: ForeignFile): boolean {
  const { stem, sidecar, stats } = found;
  const after = statSync(join(store.path, found.name), { throwIfNoEntry: false });
  const isFile = after?.ino === stats.ino && after.mtimeMs === stats.mtimeMs && after.size === stats.size;
  return isFile && isSame(store, stem, sidecar);
}

/** Most files have no sidecar of their own name, which may even be too long. */
function isSame(store: StoreDirectory, stem: string, sidecar: FoundForeignSidecar | undefined): boolean {
  if (!sidecar) return !existsSync(join(store.path, sidecarName(stem)));
  return isSidecarUnchanged(store.path, stem, sidecar);
}
