import { readdirSync } from 'node:fs';
import { join, sep } from 'node:path';
import { isKvError, JSON_CONTENT_TYPE, KvError } from '@kv/core';
import type { ContentEncoding } from '@kv/core';
import { ADOPTED_EXTENSIONS, adoptedContentType, adoptFile } from '../layout/adopted-file.js';
import { isFile } from '../io/is-file.js';
import { encodeStem } from '../layout/file-stem.js';
import type { FileStem } from '../layout/file-stem.js';
import { readSidecar, sidecarName } from '../layout/sidecar.js';
import type { FoundSidecar } from '../layout/sidecar.js';
import type { StoreDirectory } from '../store/store-directory.js';

/** A file that holds, or would hold, the value of a record. */
export interface RecordFile {
  /** Name of the file in the store's directory. */
  readonly name: string;
  /** Content type of the value in it. */
  readonly contentType: string;
  /** The coding that the value came in, where that is known. */
  readonly contentEncoding?: ContentEncoding | undefined;
}

/** Where the value of a record may lie, apart from files placed by hand. */
export interface WrittenFiles {
  readonly stem: FileStem;
  /** The record's sidecar. When the file that it names does not exist, the sidecar says nothing. */
  readonly sidecar: FoundSidecar | undefined;
  /** The files to look into, in order: the first that exists is the record. */
  readonly written: readonly RecordFile[];
}

/** All files that may hold the value of a record. */
export interface RecordFiles {
  readonly stem: FileStem;
  /** Whether there is a sidecar, be it a damaged one. */
  readonly hasSidecar: boolean;
  /** The record's sidecar. When the file that it names does not exist, the sidecar says nothing. */
  readonly sidecar: FoundSidecar | undefined;
  /** The files to look into, in order: the first that exists is the record. */
  readonly candidates: Iterable<RecordFile>;
}

/**
 * Finds where the value of a record may lie: the file that its sidecar names, then `KEY.json`. After these come
 * {@link handPlacedFiles}.
 *
 * @throws KvError `KV_RECORD_CORRUPT` when the sidecar is damaged.
 */
export function findWrittenFiles(store: StoreDirectory, key: string): WrittenFiles {
  const stem = encodeStem(key, store.ignoresCase);
  const sidecar = readSidecar(store.path, stem.text);
  if (sidecar && sidecar.key !== key) throw foreignSidecar(store, key, sidecar);
  return { stem, sidecar, written: writtenFiles(stem, sidecar) };
}

/** Finds all files that may hold the value of a record, for those who replace or remove it: to them a damaged sidecar says nothing. */
export function findReplaceableFiles(store: StoreDirectory, key: string): RecordFiles {
  try {
    const { stem, sidecar, written } = findWrittenFiles(store, key);
    const hasSidecar = sidecar !== undefined;
    return { stem, sidecar, hasSidecar, candidates: allFiles(store, key, { written, sidecar, hasSidecar }) };
  } catch (error) {
    const stem = encodeStem(key, store.ignoresCase);
    // What is no file, such as a directory, cannot be replaced by one.
    const isReplaceable = isFile(join(store.path, sidecarName(stem.text)));
    if (!isKvError(error, 'KV_RECORD_CORRUPT') || !isReplaceable) throw error;
    const known = { written: writtenFiles(stem, undefined), sidecar: undefined, hasSidecar: true };
    return { stem, hasSidecar: true, sidecar: undefined, candidates: allFiles(store, key, known) };
  }
}

function writtenFiles(stem: FileStem, sidecar: FoundSidecar | undefined): RecordFile[] {
  const json = stem.isHashed ? [] : [{ name: `${stem.text}.json`, contentType: JSON_CONTENT_TYPE }];
  if (!sidecar) return json;
  const { file, contentType, contentEncoding } = sidecar;
  return [{ name: file, contentType, contentEncoding }, ...json.filter(({ name }) => name !== file)];
}

function* allFiles(
  store: StoreDirectory,
  key: string,
  { written, sidecar, hasSidecar }: Omit<WrittenFiles, 'stem'> & Pick<RecordFiles, 'hasSidecar'>,
): Generator<RecordFile> {
  yield* written;
  if (!hasSidecar && store.handPlaced.lacks(store.path, key)) return;
  yield* handPlacedFiles(store, key, sidecar);
}

/** Gives the files placed by hand that stand for a key, in their order. Evaluated step by step, since the first is the record. */
export function* handPlacedFiles(
  store: StoreDirectory,
  key: string,
  sidecar: FoundSidecar | undefined,
): Generator<RecordFile> {
  // By hand, a name is written without a case tag.
  const plain = encodeStem(key, false);
  if (plain.isHashed) return;
  const json = `${encodeStem(key, store.ignoresCase).text}.json`;
  const started = performance.now();
  for (const extension of ADOPTED_EXTENSIONS) {
    const name = extension === '' ? plain.text : `${plain.text}.${extension}`;
    // `KEY.json` has been named already, and who deletes a record must not delete it twice.
    if (name === json) continue;
    if (name === sidecar?.file || sidecar?.claims?.includes(name) || !isFile(store.path + sep + name)) continue;
    if (isAdoptable(store, key, name)) yield { name, contentType: adoptedContentType(name) };
  }
  store.handPlaced.noteLoss(store.path, performance.now() - started);
}

function isAdoptable(store: StoreDirectory, key: string, name: string): boolean {
  // `data.xyz` is a key of its own, but `data.png` stands for `data`.
  if (adoptFile(name, store.ignoresCase)?.key !== key) return false;
  // Where `a` and `A` are one name, the file may be that of another key.
  if (store.ignoresCase && !readdirSync(store.path).includes(name)) return false;
  return !isClaimed(store, name, key);
}

/** Tells whether the sidecar of another key names or claims this file. */
export function isClaimed(store: StoreDirectory, fileName: string, key: string): boolean {
  const own = encodeStem(key, store.ignoresCase).text;
  // A value's file name begins with its stem, so only stems that end where the name has a dot, or at its end, come into question.
  for (let end = fileName.length; end > 0; end = fileName.lastIndexOf('.', end - 1)) {
    const stem = fileName.slice(0, end);
    if (stem !== own && namesFile(store, stem, fileName)) return true;
  }
  return false;
}

function namesFile(store: StoreDirectory, stem: string, fileName: string): boolean {
  try {
    const sidecar = readSidecar(store.path, stem);
    return sidecar !== undefined && [sidecar.file, ...(sidecar.claims ?? [])].includes(fileName);
  } catch (error) {
    // What a damaged sidecar named is not known; the file may be its own.
    if (isKvError(error, 'KV_RECORD_CORRUPT')) return true;
    throw error;
  }
}

function foreignSidecar(store: StoreDirectory, key: string, sidecar: FoundSidecar): KvError {
  return new KvError(
    'KV_RECORD_CORRUPT',
    `The sidecar of the record ${JSON.stringify(key)} in ${store.path} says that its key is ${JSON.stringify(sidecar.key)}. ` +
      'Mend it, or delete it to find the value by its file name.',
    { details: { key, path: store.path } },
  );
}
