import { accessSync, constants, existsSync, lstatSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { isBusy } from '../io/busy-file.js';
import { isFileError } from '../io/file-error.js';
import type { Passage } from '../io/gate.js';
import { linkOrCopy, syncDirectory } from '../io/place-file.js';
import { bytesOf, completeSwap, isText, namesToMove, NEXT, OLD, putSwapMark } from './complete-swap.js';
import { namesThatStay } from './names-that-stay.js';
import type { StoreDirectory } from './store-directory.js';

const DRAFT = 'draft';

/**
 * Puts a directory with what is kept in the place of a store's, and that one into the trash: two renames, whatever the size.
 *
 * The new directory lies in the held passage under the name of its place, so that {@link completeSwap} can go on wherever
 * this has stopped. Between the two renames the store is not there; readers wait for the gate then. Where all stays, nothing is
 * done. Gives `false`, with nothing done, where directories cannot be swapped: the store, or something in it, may be on a device
 * of its own.
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
  let trash: string | undefined;
  const trashOf = (): string => (trash ??= newTrash());
  const isTaken = takeStore(store, passage, staying.names, trashOf);
  const isDone = completeSwap(passage, dirname(store.path), trashOf) && isTaken;
  if (store.durability === 'fsync') syncDirectory(dirname(store.path));
  return isDone;
}

/** Takes a store out of its place, and leaves a directory for it beside; `false` where it stays, as a mount point does. */
function takeStore(
  store: StoreDirectory,
  passage: Passage,
  stayingNames: readonly string[],
  trashOf: () => string,
): boolean {
  const draft = join(passage.path, DRAFT);
  rmSync(draft, { recursive: true, force: true });
  try {
    mkdirSync(draft);
    for (const name of stayingNames) {
      const path = join(store.path, name);
      // What has no such name is moved later.
      if (isText(name) || existsSync(path)) linkOrCopy(path, join(draft, name));
    }
    if (store.durability === 'fsync') syncDirectory(draft);
    renameSync(draft, join(passage.path, NEXT + basename(store.path)));
    // Who can make no trash must not find that out when the store has left its place.
    putSwapMark(passage, trashOf());
    renameSync(store.path, join(passage.path, OLD + basename(store.path)));
    return true;
  } catch (error) {
    if (isBusy(error) || !isFileError(error, 'EBUSY', 'EXDEV')) throw error;
    rmSync(draft, { recursive: true, force: true });
    return false;
  }
}

/** A store may lie on another device than `.kv`, or be a link to a directory somewhere else. */
function isElsewhere(path: string, passage: Passage): boolean {
  return lstatSync(path).isSymbolicLink() || statSync(path).dev !== statSync(passage.path).dev;
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
