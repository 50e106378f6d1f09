import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { JSON_CONTENT_TYPE } from '@kv/core';
import { placeNewFile, removeFile, replaceFile } from '../io/place-file.js';
import { formatSidecar, sidecarName } from '../layout/sidecar.js';
import { valueFileName } from '../layout/value-file-name.js';
import type { StoreDirectory } from '../store/store-directory.js';
import { findReplaceableFiles, isClaimed } from './record-files.js';
import type { RecordFile, RecordFiles } from './record-files.js';
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
  const files = findReplaceableFiles(store, key);
  removeFiles(store, [...files.candidates]);
  if (files.hasSidecar) removeFile(join(store.path, sidecarName(files.stem.text)));
}

/** A JSON record is its file alone. Where a sidecar stands, the value is hidden until the file that it names is gone. */
function commitJson(store: StoreDirectory, files: RecordFiles, temp: string): void {
  const { stem, hasSidecar } = files;
  const name = `${stem.text}.json`;
  replaceFile(temp, join(store.path, name), store.durability);
  if (!hasSidecar) return;
  const others = [...files.candidates].filter((file) => file.name !== name);
  removeFiles(store, others);
  removeFile(join(store.path, sidecarName(stem.text)));
}

/** Any other record is a value file and the sidecar that names it. */
function commitTyped(store: StoreDirectory, key: string, files: RecordFiles, contentType: string, temp: string): void {
  const { sidecar } = files;
  const hasValue = sidecar !== undefined && existsSync(join(store.path, sidecar.file));
  if (hasValue && sidecar.contentType === contentType) {
    replaceFile(temp, join(store.path, sidecar.file), store.durability);
    return;
  }
  const replaced = [...files.candidates];
  const name = placeTyped(store, key, files, contentType, temp, hasValue);
  removeFiles(
    store,
    replaced.filter((file) => file.name !== name),
  );
}

/** Places a value file and its sidecar. The later step is the commit: until then the old record is the one that is found. */
function placeTyped(
  store: StoreDirectory,
  key: string,
  { stem }: RecordFiles,
  contentType: string,
  temp: string,
  hasValue: boolean,
): string {
  for (let attempt = 0; ; attempt += 1) {
    const file = valueFileName(stem, contentType, attempt);
    const path = join(store.path, file);
    if (existsSync(path) || isClaimed(store, file, key)) continue;
    const name = (): void => writeSidecar(store, stem.text, formatSidecar({ key, contentType, file }));
    if (!hasValue) name();
    if (!placeNewFile(temp, path, store.durability)) continue;
    if (hasValue) name();
    return file;
  }
}

function writeSidecar(store: StoreDirectory, stem: string, text: string): void {
  replaceFile(store.temp.writeSync(text), join(store.path, sidecarName(stem)), store.durability);
}

/** Removes files from the last to the first, so that none of them comes to light as the record on the way. */
function removeFiles(store: StoreDirectory, files: readonly RecordFile[]): void {
  for (const file of files.toReversed()) removeFile(join(store.path, file.name));
}
