import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { JSON_CONTENT_TYPE } from '@kv/core';
import { isFile } from '../io/is-file.js';
import { placeNewFile, removeFile, replaceFile, syncDirectory } from '../io/place-file.js';
import type { FileStem } from '../layout/file-stem.js';
import { isSidecarUnchanged, sidecarName } from '../layout/sidecar.js';
import type { Sidecar } from '../layout/sidecar.js';
import { valueFileName } from '../layout/value-file-name.js';
import type { StoreDirectory } from '../store/store-directory.js';
import { findReplaceableFiles, isClaimed } from './record-files.js';
import type { RecordFiles } from './record-files.js';
import { assertStoreExists } from './resolve-record.js';

/**
 * Puts a value that lies in a temp file in the place of a record.
 *
 * Synchronous from the first look to the commit, so that no other operation of this process comes in between. A reader
 * sees the old record or the new one at every step; `docs/decisions/0002-order-of-writes.md` goes through them.
 */
export function commitRecord(store: StoreDirectory, key: string, contentType: string, temp: string): void {
  const files = findReplaceableFiles(store, key);
  if (contentType === JSON_CONTENT_TYPE && !files.stem.isHashed) commitJson(store, files, temp);
  else commitTyped(store, key, files, contentType, temp);
}

/** Removes a record; one that does not exist is as good as removed. */
export function deleteRecord(store: StoreDirectory, key: string): void {
  assertStoreExists(store);
  removeRecord(store, findReplaceableFiles(store, key));
}

/** A JSON record is its file alone. Where a sidecar stands, the value is hidden until the file that it names is gone. */
function commitJson(store: StoreDirectory, files: RecordFiles, temp: string): void {
  const name = `${files.stem.text}.json`;
  replaceFile(temp, join(store.path, name), store.durability);
  if (files.hasSidecar) removeRecord(store, files, name);
}

/** Any other record is a value file and the sidecar that names it. */
function commitTyped(store: StoreDirectory, key: string, files: RecordFiles, contentType: string, temp: string): void {
  const { stem, sidecar } = files;
  if (sidecar?.contentType === contentType && isFile(join(store.path, sidecar.file))) {
    replaceFile(temp, join(store.path, sidecar.file), store.durability);
    // Another process may have deleted the record, and its sidecar, meanwhile.
    if (!isSidecarUnchanged(store.path, stem.text, sidecar)) writeSidecar(store, stem, sidecar);
    return;
  }
  const replaced = [...(sidecar?.claims ?? []), ...[...files.candidates].map(({ name }) => name)];
  const file = placeValue(store, key, files, contentType, temp);
  removeFiles(
    store,
    replaced.filter((name) => name !== file),
  );
}

/**
 * Places a value under a name that is not taken, and gives the name.
 *
 * The sidecar claims the name before anything stands under it. Where it has no value yet, naming the file is enough: until
 * that exists, the sidecar says nothing. Otherwise it goes on naming the old value, and a second sidecar is the commit.
 */
function placeValue(
  store: StoreDirectory,
  key: string,
  { stem, sidecar }: RecordFiles,
  contentType: string,
  temp: string,
): string {
  const old = sidecar && isFile(join(store.path, sidecar.file)) ? sidecar : undefined;
  for (let attempt = 0; ; attempt += 1) {
    const file = valueFileName(stem, contentType, attempt);
    if (existsSync(join(store.path, file)) || isClaimed(store, file, key)) continue;
    const next = { key, contentType, file, ...(old && { claims: [old.file] }) };
    writeSidecar(store, stem, old ? { ...old, claims: [...(old.claims ?? []), file] } : next);
    if (!placeNewFile(temp, join(store.path, file), store.durability)) continue;
    if (old) writeSidecar(store, stem, next);
    return file;
  }
}

function writeSidecar(store: StoreDirectory, stem: FileStem, { key, contentType, file, claims }: Sidecar): void {
  const text = JSON.stringify({ key, contentType, file, ...(claims?.length ? { claims } : {}) }, null, 2);
  replaceFile(store.temp.writeSync(text), join(store.path, sidecarName(stem.text)), store.durability);
}

/** Removes all files of a record, or all but one, and the sidecar last. */
function removeRecord(store: StoreDirectory, files: RecordFiles, keep?: string): void {
  const names = [...files.candidates].map(({ name }) => name).filter((name) => name !== keep);
  // What comes last in the look-up goes first, so that nothing comes to light as the record on the way.
  removeFiles(store, [...(files.sidecar?.claims ?? []), ...names.toReversed()]);
  if (files.hasSidecar) removeFiles(store, [sidecarName(files.stem.text)]);
}

function removeFiles(store: StoreDirectory, names: readonly string[]): void {
  for (const name of names) removeFile(join(store.path, name));
  if (store.durability === 'fsync') syncDirectory(store.path);
}
