import { isUtf8 } from 'node:buffer';
import {
  accessSync,
  constants,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { basename, dirname, join, sep } from 'node:path';
import { isFileError } from '../io/file-error.js';
import type { Passage } from '../io/gate.js';
import { listNames } from '../io/list-names.js';
import { makeDirectory } from '../io/make-directory.js';
import { linkOrCopy, syncDirectory } from '../io/place-file.js';
import { markedName } from '../io/process-mark.js';
import { namesThatStay } from './names-that-stay.js';
import type { StoreDirectory } from './store-directory.js';

/** Directory in `.kv` that names the gates behind which a store is being swapped. */
export const SWAPS_DIR = 'swaps';

const DRAFT = 'draft';
const NEXT = 'next@';
const OLD = 'old@';

/**
 * Puts a directory with what is kept in the place of a store's, and that one into the trash: two renames, whatever the size.
 *
 * The new directory lies in the held passage under the name of its place, so that {@link completeSwap} can go on wherever
 * this has stopped. Between the two renames the store is not there; readers wait for the gate then. Where all stays, nothing is
 * done. Gives `false`, with nothing done, where directories cannot be swapped.
 */
export function swapStore(
  store: StoreDirectory,
  passage: Passage,
  isKept: (key: string) => boolean,
  newTrash: () => string,
): boolean {
  if (isElsewhere(store.path, passage)) return false;
  const staying = namesThatStay(store, isKept);
  // What an earlier purge has removed can be restored until a later one removes something.
  if (staying.isAll) return true;
  if (!namesToMove(store.path).every((name) => isWritable(bytesOf(store.path, name)))) return false;
  const draft = join(passage.path, DRAFT);
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft);
  for (const name of staying.names) {
    const path = join(store.path, name);
    // What has no such name is moved later.
    if (isText(name) || existsSync(path)) linkOrCopy(path, join(draft, name));
  }
  if (store.durability === 'fsync') syncDirectory(draft);
  renameSync(draft, join(passage.path, NEXT + basename(store.path)));
  // Who can make no trash must not find that out when the store has left its place.
  const trash = newTrash();
  makeDirectory(swapMark(passage));
  renameSync(store.path, join(passage.path, OLD + basename(store.path)));
  completeSwap(passage, dirname(store.path), () => trash);
  if (store.durability === 'fsync') syncDirectory(dirname(store.path));
  return true;
}

/** A store may lie on another device than `.kv`, or be a link to a directory somewhere else. */
function isElsewhere(path: string, passage: Passage): boolean {
  return lstatSync(path).isSymbolicLink() || statSync(path).dev !== statSync(passage.path).dev;
}

/** Ends what {@link swapStore} has begun, from whatever step it was stopped at. */
export function completeSwap(passage: Passage, storesDir: string, newTrash: () => string): void {
  const names = listNames(passage.path);
  const next = names.find((name) => name.startsWith(NEXT));
  const old = names.find((name) => name.startsWith(OLD));
  // As long as the store is in its place, nothing has happened yet.
  if (next !== undefined && old === undefined) rmSync(join(passage.path, next), { recursive: true, force: true });
  if (old !== undefined) {
    const place = old.slice(OLD.length);
    if (next !== undefined) placeNext(join(passage.path, old), join(passage.path, next), join(storesDir, place));
    renameSync(join(passage.path, old), join(newTrash(), place));
  }
  if (next !== undefined || old !== undefined) removeSwapMark(passage);
}

/** Takes the mark of a swap away through the passage: who has lost the gate does not take that of the next one. */
export function removeSwapMark(passage: Passage): void {
  const gone = join(passage.path, markedName());
  try {
    renameSync(swapMark(passage), gone);
    rmSync(gone, { recursive: true, force: true });
  } catch (error) {
    if (!isFileError(error, 'ENOENT')) throw error;
  }
}

/** Says, for those who miss the store, that its gate has it: `{dir}/.kv/swaps/{name of the gate}`. */
function swapMark(passage: Passage): string {
  const gateDir = dirname(passage.path);
  return join(dirname(dirname(gateDir)), SWAPS_DIR, basename(gateDir));
}

function placeNext(old: string, next: string, place: string): void {
  for (const name of namesToMove(old)) renameSync(bytesOf(old, name), bytesOf(next, name));
  try {
    renameSync(next, place);
  } catch (error) {
    if (!isFileError(error, 'ENOTEMPTY', 'EEXIST', 'EPERM')) throw error;
    // Another tool has made a directory there meanwhile.
    for (const name of readdirSync(next)) {
      if (!existsSync(join(place, name))) renameSync(join(next, name), join(place, name));
    }
  }
}

/** What has no link in the new directory: directories, and what is found by the bytes of its name alone, as no record is. */
function namesToMove(dir: string): Buffer[] {
  const entries = readdirSync(dir, { withFileTypes: true });
  if (entries.every(({ name }) => isText(name))) {
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => Buffer.from(name));
  }
  return readdirSync(dir, { withFileTypes: true, encoding: 'buffer' })
    .filter((entry) => entry.isDirectory() || !isUtf8(entry.name))
    .map(({ name }) => name);
}

/** A name that is not UTF-8 has this character for its other bytes. */
function isText(name: string): boolean {
  return !name.includes('\uFFFD');
}

function bytesOf(dir: string, name: Buffer): Buffer {
  return Buffer.concat([Buffer.from(dir + sep), name]);
}

/** A directory of another user can be moved to another name, but not to another directory. */
function isWritable(path: Buffer): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch (error) {
    if (isFileError(error)) return false;
    throw error;
  }
}
