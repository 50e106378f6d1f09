import { existsSync, statSync, utimesSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { join } from 'node:path';
import { parseContentType } from '@kv/core';
import type { Passage } from '../io/gate.js';
import { removeFile, replaceFile, replaceLargeFile, syncDirectory } from '../io/place-file.js';
import { SMALL_VALUE_BYTES } from '../io/small-value.js';
import { smallTempFile } from '../io/temp-files.js';
import { extensionFor } from '../layout/media-types.js';
import { sidecarName } from '../layout/sidecar.js';
import type { NewRecord } from '../record/write-record.js';
import type { StoreDirectory } from '../store/store-directory.js';
import { findForeignFile, foreignFiles, isNamedByAnother, readSidecarOr, sidecarStems } from './foreign-files.js';
import type { ForeignFile } from './foreign-files.js';
import { formatForeignSidecar, valueMark } from './foreign-sidecar.js';
import { looseContentType, looseKey } from './loose-file.js';

/** A value that is about to become a record. */
interface Write {
  readonly key: string;
  readonly contentType: string;
  /** Path of the file that holds the value until then. */
  readonly temp: string;
  /** State of that file. */
  readonly stats: Stats;
  /** The record that it takes the place of. */
  readonly old: ForeignFile | undefined;
}

/** Names of a record's files. */
interface Place {
  readonly file: string;
  /** Name of the sidecar without its ending; `undefined` when the record has none. */
  readonly stem: string | undefined;
}

// From the finest step that a time in seconds can hold to the coarsest clock, that of FAT.
const STEPS_MILLIS = [0.01, 20, 3000];

/** Where a change happens: a store, and the passage that its files go through. */
interface Site {
  readonly store: StoreDirectory;
  readonly passage: Passage;
}

/**
 * Puts a value in the place of a record, as the tool that made the store does; `false` while other processes of kv may be at work.
 *
 * The rename of the value is the commit: a new sidecar is there before it and tells the old value from the new one, and what
 * is left of the old record goes after it. `docs/decisions/0009-directories-of-other-tools.md` goes through the steps.
 */
export function commitForeign(store: StoreDirectory, passage: Passage, record: NewRecord): boolean {
  // The store may be gone, and its gate with it: then this fails, and nobody makes another gate.
  const temp = record.temp.enter(passage);
  if (!passage.isHeld) return false;
  const { key, contentType } = record;
  const site = { store, passage };
  const old = findForeignFile(store, key, 'ignore');
  const write = { key, contentType, temp, stats: makeNewer(temp, old), old };
  const place = store.layout === 'crawlee3' ? commitByExtension(site, write) : commitQuoted(site, write);
  const others = [...foreignFiles(store, key, 'ignore'), ...(old ? [old] : [])];
  removeAll(
    site,
    key,
    others.filter(({ name }) => name !== place.file),
    place.stem,
  );
  return true;
}

/** Removes a record, if there is one; `false` while other processes of kv may be at work. */
export function deleteForeign(store: StoreDirectory, passage: Passage, key: string): boolean {
  statSync(passage.path);
  if (!passage.isHeld) return false;
  const record = findForeignFile(store, key, 'ignore');
  const others = [...foreignFiles(store, key, 'ignore', 'all')].filter(({ name }) => name !== record?.name);
  // The record goes last, so that nothing comes to light in its place.
  removeAll({ store, passage }, key, record ? [...others, record] : others);
  return true;
}

function commitQuoted(site: Site, write: Write): Place {
  const { store, passage } = site;
  const { key, contentType, stats, old } = write;
  const stem = quotedStem(store, key, old);
  const file = stem;
  const sidecar = { key, contentType, files: [file], size: stats.size };
  if (old?.name !== file || old.stem !== stem || old.contentType !== contentType) {
    // What the old record hides must not come to light under the new sidecar.
    if (old?.name !== file) removeFile(passage, join(store.path, file));
    writeSidecar(site, stem, formatForeignSidecar(store.layout, { ...sidecar, replaces: replacedBy(old) }));
  }
  placeValue(site, write, file);
  // The size is for other tools; and one of them may have deleted the record, and its sidecar, meanwhile.
  const now = readSidecarOr(store, stem, 'ignore');
  if (now?.key !== key || now.contentType !== contentType || now.size !== stats.size) {
    writeSidecar(site, stem, formatForeignSidecar(store.layout, sidecar));
  }
  return { file, stem };
}

/** Crawlee 3 goes by the extension; a sidecar says what that does not tell, of this one value. */
function commitByExtension(site: Site, write: Write): Place {
  const { store } = site;
  const { key, contentType, stats, old } = write;
  const extension = extensionFor(parseContentType(contentType)?.essence ?? '') ?? 'bin';
  const stem = freeStem(store, key, `.${extension}`);
  const file = `${stem}.${extension}`;
  const isTold = looseKey(store, file) === key && looseContentType(store, file) === contentType;
  const hasSidecar = existsSync(join(store.path, sidecarName(stem)));
  if (!isTold || hasSidecar) {
    const replaces = replacedBy(old);
    const sidecar = { key, contentType, files: [file], size: stats.size, value: valueMark(stats), replaces };
    writeSidecar(site, stem, formatForeignSidecar(store.layout, sidecar, extension));
  }
  placeValue(site, write, file);
  // A sidecar that is not needed goes after the value that it speaks of.
  return { file, stem: isTold ? undefined : stem };
}

function placeValue({ store: { path, durability } }: Site, { temp, old }: Write, file: string): void {
  const replace = old && old.stats.size > SMALL_VALUE_BYTES ? replaceLargeFile : replaceFile;
  replace(temp, join(path, file), durability);
}

function quotedStem(store: StoreDirectory, key: string, old: ForeignFile | undefined): string {
  // Apify SDK 3 and later for Python open no store with a second file for the input.
  const isInput = store.layout === 'python' && key === 'INPUT' && old?.name.startsWith('INPUT.') === true;
  return isInput ? old.name : freeStem(store, key, '');
}

/** Gives the first stem under which nothing of another key lies. */
function freeStem(store: StoreDirectory, key: string, ending: string): string {
  const stems = sidecarStems(store, key);
  const free = stems.find((stem) => {
    const sidecar = readSidecarOr(store, stem, 'ignore');
    return sidecar ? sidecar.key === key : !isNamedByAnother(store, key, stem + ending);
  });
  return free ?? (stems.at(-1) as string);
}

function replacedBy(old: ForeignFile | undefined): { contentType: string; file: string; value: string } | undefined {
  return old && { contentType: old.contentType, file: old.name, value: valueMark(old.stats) };
}

/**
 * Gives a value a time that none of the record has had: it tells them apart, and which one is the newer. Clocks of file systems
 * tick some 250 times a second, and the number of a file that was removed is used again at once.
 */
function makeNewer(temp: string, old: ForeignFile | undefined): Stats {
  let stats = statSync(temp);
  setTime(temp, stats.mtimeMs + Math.random());
  stats = statSync(temp);
  for (const step of STEPS_MILLIS) {
    if (!old || stats.mtimeMs > old.stats.mtimeMs) break;
    setTime(temp, old.stats.mtimeMs + step);
    stats = statSync(temp);
  }
  return stats;
}

function setTime(path: string, millis: number): void {
  utimesSync(path, millis / 1000, millis / 1000);
}

function writeSidecar({ store, passage }: Site, stem: string, text: string): void {
  const temp = smallTempFile(text, store.durability).enter(passage);
  replaceFile(temp, join(store.path, sidecarName(stem)), store.durability);
}

/** Removes files in the order in which they are given, and then the sidecars of the key, all but one. */
function removeAll({ store, passage }: Site, key: string, files: readonly ForeignFile[], keep?: string): void {
  const stems = new Set([...sidecarStems(store, key), ...files.map(({ stem }) => stem)]);
  const sidecars = [...stems].filter((stem) => stem !== keep && isSidecarOf(store, key, stem));
  const names = [...files.map(({ name }) => name), ...sidecars.map(sidecarName)];
  for (const name of names) removeFile(passage, join(store.path, name));
  if (names.length > 0 && store.durability === 'fsync') syncDirectory(store.path);
}

/** A damaged sidecar goes with the record that it may have described. */
function isSidecarOf(store: StoreDirectory, key: string, stem: string): boolean {
  if (!existsSync(join(store.path, sidecarName(stem)))) return false;
  const sidecar = readSidecarOr(store, stem, 'ignore');
  return sidecar === undefined || sidecar.key === key || (key === 'INPUT' && stem.startsWith('INPUT.'));
}
