import { readdirSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { join } from 'node:path';
import { isKvError } from '@kv/core';
import { statFile } from '../io/is-file.js';
import { ADOPTED_EXTENSIONS } from '../layout/adopted-file.js';
import { encodeStem } from '../layout/file-stem.js';
import { isSidecarName, METADATA_FILE } from '../layout/sidecar.js';
import type { StoreDirectory } from '../store/store-directory.js';
import { describedType, readForeignSidecar } from './foreign-sidecar.js';
import type { FoundForeignSidecar } from './foreign-sidecar.js';
import { hasExtensions } from './layout-name.js';
import { looseContentType, looseKey } from './loose-file.js';
import { namesBeginningWith } from './name-index.js';
import { quotedStems } from './quoted-stem.js';

/** A file that holds the value of a record, in a store of another tool. */
export interface ForeignFile {
  readonly name: string;
  readonly contentType: string;
  /** State of the file when it was found. */
  readonly stats: Stats;
  /** What the name of the sidecar begins with that was asked about this file, and what it says. */
  readonly stem: string;
  readonly sidecar: FoundForeignSidecar | undefined;
}

/** What a damaged sidecar leads to: those who replace or remove the record ignore it. */
export type OnDamage = 'throw' | 'ignore';

/** Gives the stems of the sidecars that are named by a key: as the tool of the store does, and as kv does. */
export function sidecarStems({ layout, ignoresCase }: StoreDirectory, key: string): readonly string[] {
  const own = encodeStem(key, ignoresCase).text;
  // Crawlee 3 escapes nothing; what its users may have made of names that need it is left alone.
  if (layout === 'crawlee3') return [...new Set([own, quotedStems(key).at(-1) as string])];
  return [...new Set([...quotedStems(key), own])];
}

/**
 * Gives the files of a key that exist, those with a sidecar of the key's name first. The first one is the record, except where
 * {@link hasExtensions}: there it is the newest.
 *
 * @param extent - `usual` asks for the extensions of the directory's other files only where there is nothing under a usual one.
 * @param known - The sidecar of the first stem, when it has just been read.
 */
export function* foreignFiles(
  store: StoreDirectory,
  key: string,
  onDamage: OnDamage,
  extent: 'usual' | 'all' = 'usual',
  known?: FoundForeignSidecar,
): Generator<ForeignFile> {
  const seen = new Set<string>();
  const isAllWanted = (): boolean => extent === 'all' || seen.size === 0;
  for (const files of [
    describedFiles(store, key, onDamage, known),
    looseFiles(store, key, onDamage, usualNames(store, key)),
    looseFiles(store, key, onDamage, unusualNames(store, key, isAllWanted)),
  ]) {
    for (const file of files) {
      if (!seen.has(file.name)) yield file;
      seen.add(file.name);
    }
  }
}

/** Finds the file that is the record; `undefined` when there is none. */
export function findForeignFile(
  store: StoreDirectory,
  key: string,
  onDamage: OnDamage,
  known?: FoundForeignSidecar,
): ForeignFile | undefined {
  let newest: ForeignFile | undefined;
  for (const file of foreignFiles(store, key, onDamage, 'usual', known)) {
    if (!hasExtensions(store.layout)) return file;
    if (!newest || file.stats.mtimeMs > newest.stats.mtimeMs) newest = file;
  }
  return newest;
}

/** Reads a sidecar; for those whom damage does not concern, a damaged one is as good as none. */
export function readSidecarOr(
  store: StoreDirectory,
  stem: string,
  onDamage: OnDamage,
): FoundForeignSidecar | undefined {
  try {
    return readForeignSidecar(store.path, stem);
  } catch (error) {
    if (onDamage === 'ignore' && isKvError(error, 'KV_RECORD_CORRUPT')) return undefined;
    throw error;
  }
}

function* describedFiles(
  store: StoreDirectory,
  key: string,
  onDamage: OnDamage,
  known: FoundForeignSidecar | undefined,
): Generator<ForeignFile> {
  for (const stem of sidecarStems(store, key)) {
    const sidecar = stem === known?.stem ? known : readSidecarOr(store, stem, onDamage);
    // Where the name is a file's, as with `INPUT.json`, the sidecar may be that of another key.
    if (sidecar?.key !== key) continue;
    for (const name of [...sidecar.files, ...(sidecar.replaces ? [sidecar.replaces.file] : [])]) {
      const stats = statFile(join(store.path, name));
      // With Crawlee 3, the file `photo.png` may be that of `photo` as well as that of `photo.png`.
      if (!stats || (name !== sidecar.files[0] && isNamedByAnother(store, key, name))) continue;
      const contentType = describedType(sidecar, name, stats);
      if (contentType !== undefined) yield { name, contentType, stats, stem, sidecar };
    }
  }
}

/** Gives the files among some that stand for a key by their own name, or by a sidecar that has the file's name. */
function* looseFiles(
  store: StoreDirectory,
  key: string,
  onDamage: OnDamage,
  names: Iterable<string>,
): Generator<ForeignFile> {
  for (const name of names) {
    const stats = statFile(join(store.path, name));
    if (!stats || isSidecarName(name) || name === METADATA_FILE) continue;
    const sidecar = readSidecarOr(store, name, onDamage);
    const contentType = sidecar && describedType(sidecar, name, stats);
    if (contentType !== undefined) {
      if (sidecar?.key === key || isInput(store, key, name)) yield { name, contentType, stats, stem: name, sidecar };
    } else if (isLooseFileOf(store, key, name)) {
      yield { name, contentType: looseContentType(store, name), stats, stem: name, sidecar };
    }
  }
}

/** Apify SDK 3 and later for Python keep what is written to the input in the file that was put there, under the file's name. */
function isInput({ layout }: StoreDirectory, key: string, name: string): boolean {
  return layout === 'python' && key === 'INPUT' && name.startsWith('INPUT.');
}

function isLooseFileOf(store: StoreDirectory, key: string, name: string): boolean {
  if (looseKey(store, name) !== key) return false;
  // Where `a` and `A` are one name, the file may be that of another key.
  if (store.ignoresCase && !readdirSync(store.path).includes(name)) return false;
  return !isNamedByAnother(store, key, name);
}

/** Tells whether the sidecar of another key, which then is the beginning of the name, speaks of a file. */
export function isNamedByAnother(store: StoreDirectory, key: string, name: string): boolean {
  for (let end = name.lastIndexOf('.'); end > 0; end = name.lastIndexOf('.', end - 1)) {
    const sidecar = readSidecarOr(store, name.slice(0, end), 'ignore');
    if (sidecar && sidecar.key !== key && sidecar.files[0] === name) return true;
  }
  return false;
}

function plainStems({ ignoresCase, layout }: StoreDirectory, key: string): readonly string[] {
  const stem = encodeStem(key, false);
  if (stem.isHashed) return [];
  return hasExtensions(layout) ? [...new Set([stem.text, encodeStem(key, ignoresCase).text, key])] : [stem.text];
}

function* unusualNames(store: StoreDirectory, key: string, isWanted: () => boolean): Generator<string> {
  if (!hasExtensions(store.layout) || !isWanted()) return;
  for (const stem of plainStems(store, key)) yield* namesBeginningWith(store, `${stem}.`);
}

function* usualNames(store: StoreDirectory, key: string): Generator<string> {
  for (const stem of plainStems(store, key)) {
    for (const extension of ADOPTED_EXTENSIONS) yield extension === '' ? stem : `${stem}.${extension}`;
  }
}
