import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { JSON_CONTENT_TYPE } from '@kv/core';
import type { ContentEncoding } from '@kv/core';
import { giveUp, isBusy } from '../io/busy-file.js';
import type { Passage } from '../io/gate.js';
import { commitForeign, deleteForeign } from '../foreign/write-foreign.js';
import { isFileError } from '../io/file-error.js';
import { isFile, statFile } from '../io/is-file.js';
import { placeNewFile, removeFile, replaceFile, replaceLargeFile, syncDirectory, takeBack } from '../io/place-file.js';
import { SMALL_VALUE_BYTES } from '../io/small-value.js';
import { exactTime, smallTempFile } from '../io/temp-files.js';
import type { TempFile } from '../io/temp-files.js';
import type { FileStem } from '../layout/file-stem.js';
import { sidecarName } from '../layout/sidecar.js';
import type { Sidecar } from '../layout/sidecar.js';
import { valueFileName } from '../layout/value-file-name.js';
import { isSameDirectory } from '../store/store-directory.js';
import type { StoreDirectory } from '../store/store-directory.js';
import { findReplaceableFiles, isClaimed } from './record-files.js';
import type { RecordFiles } from './record-files.js';

/** A record on its way into a store. */
export interface NewRecord {
  readonly key: string;
  readonly contentType: string;
  /** The coding that its value came in. */
  readonly contentEncoding: ContentEncoding | undefined;
  /** Its value. */
  readonly temp: TempFile;
}

/** Where a change happens: a store, and the passage that its files go through. */
interface Site {
  readonly store: StoreDirectory;
  readonly passage: Passage;
}

/**
 * Puts a value in the place of a record; `false` when that takes several steps, and so a passage that is held.
 *
 * A reader sees the old record or the new one at every step; `docs/decisions/0002-order-of-writes.md` goes through them.
 */
export function commitRecord(store: StoreDirectory, passage: Passage, record: NewRecord): boolean {
  if (store.layout !== 'kv') return commitForeign(store, passage, record);
  const temp = record.temp.enter(passage);
  const files = findReplaceableFiles(store, record.key);
  const isJson = record.contentType === JSON_CONTENT_TYPE && !files.stem.isHashed;
  const told = codingSidecar(files);
  const isOneStep = isJson && files.hasSidecar === !!told && told?.contentEncoding === record.contentEncoding;
  if (!passage.isHeld && !isOneStep) return false;
  if (isJson) commitJson({ store, passage }, record, files, temp);
  else commitTyped({ store, passage }, record, files, temp);
  return true;
}

/** Removes a record, if there is one; `false` when that takes several steps, and so a passage that is held. */
export function deleteRecord(store: StoreDirectory, passage: Passage, key: string): boolean {
  // A record that is not there is nobody's record, so the store has to be looked at.
  isSameDirectory(store);
  if (store.layout !== 'kv') return deleteForeign(store, passage, key);
  const found = findReplaceableFiles(store, key);
  const files = { ...found, candidates: [...found.candidates] };
  // `KEY.json` is nobody else's. Any other file may be that of another key by the time it is removed.
  const isPlain = !files.hasSidecar && files.candidates.every(({ name }) => name === `${files.stem.text}.json`);
  if (!passage.isHeld && !isPlain) return false;
  removeRecord({ store, passage }, files);
  // Another process may have given it a sidecar meanwhile.
  return passage.isHeld || !existsSync(join(store.path, sidecarName(files.stem.text)));
}

/** Gives the sidecar of JSON in `KEY.json`, which tells its coding. */
function codingSidecar({ stem, sidecar }: RecordFiles): Sidecar | undefined {
  const isOfJson = sidecar?.file === `${stem.text}.json` && sidecar.contentType === JSON_CONTENT_TYPE;
  return isOfJson ? sidecar : undefined;
}

/**
 * A JSON record is its file alone, or with a sidecar that tells its coding and nothing else. Where a sidecar names another file,
 * the value is hidden until that is gone.
 */
function commitJson(site: Site, record: NewRecord, files: RecordFiles, temp: string): void {
  const { store } = site;
  const { key, contentType, contentEncoding } = record;
  const file = `${files.stem.text}.json`;
  const old = codingSidecar(files);
  const isTold = old?.contentEncoding === contentEncoding;
  const hint = contentEncoding && !isTold ? makeSidecar(site, { key, contentType, contentEncoding, file }) : undefined;
  // Asking for the size of what is there would make every small write longer.
  const replace = record.temp.isLarge ? replaceLargeFile : replaceFile;
  const target = join(store.path, file);
  replace(temp, target, store.durability);
  const removeOthers = (): void => removeRecord(site, files, file);
  if (files.hasSidecar && !old) orTakeBack(record, temp, target, removeOthers);
  if (isTold) return;
  afterwards(() => {
    if (old) removeOthers();
    if (hint !== undefined) placeSidecar(site, files.stem, hint);
  });
}

/** Any other record is a value file and the sidecar that names it. */
function commitTyped(site: Site, record: NewRecord, files: RecordFiles, temp: string): void {
  const { store } = site;
  const { sidecar } = files;
  const old = sidecar?.contentType === record.contentType ? statFile(join(store.path, sidecar.file)) : undefined;
  if (sidecar && old) {
    const { contentEncoding } = record;
    const isTold = sidecar.contentEncoding === contentEncoding;
    const hint = isTold ? undefined : makeSidecar(site, { ...sidecar, contentEncoding });
    const replace = old.size > SMALL_VALUE_BYTES ? replaceLargeFile : replaceFile;
    replace(temp, join(store.path, sidecar.file), store.durability);
    if (hint !== undefined) afterwards(() => placeSidecar(site, files.stem, hint));
    return;
  }
  const replaced = [...(sidecar?.claims ?? []), ...[...files.candidates].map(({ name }) => name)];
  const file = placeValue(site, record, files, temp);
  const left = replaced.filter((name) => name !== file);
  // What stays is hidden by the sidecar.
  afterwards(() => removeFiles(site, left));
}

/**
 * Takes steps that the record does not depend on. The change has happened: were it to fail now, or to be done again because
 * somebody has broken the gate, it would be told as one that has not, or undo what has been written since.
 */
function afterwards(steps: () => void): void {
  try {
    steps();
  } catch (error) {
    if (!isFileError(error)) throw error;
  }
}

/** Where the step that shows a value cannot be taken just now, it goes back, for all steps to be taken again. */
function orTakeBack(record: NewRecord, temp: string, target: string, show: () => void): void {
  try {
    show();
  } catch (error) {
    // A small value is simply written again.
    if (isBusy(error) && !takeBack(temp, target) && record.temp.isLarge) giveUp(error);
    throw error;
  }
}

/**
 * Places a value under a name that is not taken, and gives the name.
 *
 * The sidecar claims the name before anything stands under it. Where it has no value yet, naming the file is enough: until
 * that exists, the sidecar says nothing. Otherwise it goes on naming the old value, and a second sidecar is the commit.
 */
function placeValue(site: Site, record: NewRecord, { stem, sidecar }: RecordFiles, temp: string): string {
  const { store } = site;
  const { key, contentType, contentEncoding } = record;
  const old = sidecar && isFile(join(store.path, sidecar.file)) ? sidecar : undefined;
  // What an earlier change has left stays claimed until it is gone.
  const left = (sidecar?.claims ?? []).filter((name) => isFile(join(store.path, name)));
  for (let attempt = 0; ; attempt += 1) {
    const file = valueFileName(stem, contentType, attempt);
    if (existsSync(join(store.path, file)) || isClaimed(store, file, key)) continue;
    const next = { key, contentType, contentEncoding, file, claims: old ? [...left, old.file] : left };
    writeSidecar(site, stem, old ? { ...old, claims: [...left, file] } : next);
    if (!placeNewFile(temp, join(store.path, file), store.durability)) continue;
    if (old) orTakeBack(record, temp, join(store.path, file), () => writeSidecar(site, stem, next));
    return file;
  }
}

function writeSidecar(site: Site, stem: FileStem, sidecar: Sidecar): void {
  placeSidecar(site, stem, makeSidecar(site, sidecar));
}

/** Makes the temp file of a sidecar, and gives its path. */
function makeSidecar({ store, passage }: Site, sidecar: Sidecar): string {
  const { key, contentType, contentEncoding, file, claims } = sidecar;
  const properties = { key, contentType, contentEncoding, file, ...(claims?.length ? { claims } : {}) };
  // Readers tell two sidecars apart by their inodes and times.
  return smallTempFile(JSON.stringify(properties, null, 2), store.durability, exactTime()).enter(passage);
}

function placeSidecar({ store }: Site, stem: FileStem, temp: string): void {
  replaceFile(temp, join(store.path, sidecarName(stem.text)), store.durability);
}

/** Removes all files of a record, or all but one, and the sidecar last. */
function removeRecord(site: Site, files: RecordFiles, keep?: string): void {
  const names = [...files.candidates].map(({ name }) => name);
  // What comes last in the look-up goes first, so that nothing comes to light as the record on the way.
  const gone = [...(files.sidecar?.claims ?? []), ...names.toReversed()].filter((name) => name !== keep);
  removeFiles(site, gone);
  const removeSidecar = (): void => removeFiles(site, [sidecarName(files.stem.text)]);
  // Without its value, a sidecar says nothing, unless it is damaged.
  if (files.sidecar) afterwards(removeSidecar);
  else if (files.hasSidecar) removeSidecar();
}

function removeFiles({ store, passage }: Site, names: readonly string[]): void {
  for (const name of names) removeFile(passage, join(store.path, name));
  if (store.durability === 'fsync') syncDirectory(store.path);
}
