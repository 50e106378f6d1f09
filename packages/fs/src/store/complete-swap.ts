import { isUtf8 } from 'node:buffer';
import { existsSync, readdirSync, renameSync, rmdirSync, rmSync } from 'node:fs';
import { basename, dirname, join, sep } from 'node:path';
import { isBusy, isTaken, unlessBusy } from '../io/busy-file.js';
import { isFileError } from '../io/file-error.js';
import type { Passage } from '../io/gate.js';
import { listNames } from '../io/list-names.js';
import { makeDirectory } from '../io/make-directory.js';
import { markedName } from '../io/process-mark.js';

/** Directory in `.kv` that names the gates behind which a store is being swapped. */
export const SWAPS_DIR = 'swaps';
/** Begins the name that a store has in the passage, with what is kept, before it takes its place. */
export const NEXT = 'next@';
/** Begins the name that a store has in the passage, with all that it had, after it has lost its place. */
export const OLD = 'old@';

/** Where the directories of a swap are. */
interface Swap {
  readonly old: string;
  readonly next: string;
  readonly path: string;
}

/**
 * Ends the swap of a store from whatever step it was stopped at; tells whether it is done. What cannot be done is undone: a
 * step that fails each time must not keep the store out of its place for ever.
 */
export function completeSwap(passage: Passage, storesDir: string, trashOf: (name?: string) => string): boolean {
  const found = listNames(passage.path).find((name) => name.startsWith(OLD) || name.startsWith(NEXT));
  if (found === undefined) return true;
  const place = found.slice(found.indexOf('@') + 1);
  const [old, next] = [join(passage.path, OLD + place), join(passage.path, NEXT + place)];
  const isAway = existsSync(old);
  const isDone = isAway && finishOrUndo({ old, next, path: join(storesDir, place) }, () => trashOf(trashName(passage)));
  // As long as the store is in its place, nothing has happened yet.
  rmSync(next, { recursive: true, force: true });
  removeSwapMark(passage);
  return isDone || !isAway;
}

function finishOrUndo(swap: Swap, trashOf: () => string): boolean {
  try {
    if (existsSync(swap.next)) placeNext(swap);
    renameSync(swap.old, join(trashOf(), basename(swap.path)));
    return true;
  } catch (error) {
    // Who has lost the gate misses its passage, and has nothing to undo.
    if (!isFileError(error) || error.code === 'ENOENT') throw error;
    undo(swap);
    // What somebody has just now is tried again as a whole.
    if (isBusy(error)) throw error;
    return false;
  }
}

/** Puts a store back as it was. What has come into its place since is newer. */
function undo({ old, next, path }: Swap): void {
  if (existsSync(path) && !existsSync(next)) renameSync(path, next);
  if (existsSync(next)) moveAll(next, old);
  if (existsSync(path)) {
    moveAll(path, old);
    rmdirSync(path);
  }
  renameSync(old, path);
}

/** Of two links to one file, a rename leaves both. */
function moveAll(from: string, to: string): void {
  for (const name of readdirSync(from, { encoding: 'buffer' })) renameSync(bytesOf(from, name), bytesOf(to, name));
}

/** Puts down the mark of a swap, with the name of the trash: who completes it is to use the same. */
export function putSwapMark(passage: Passage, trash: string): void {
  makeDirectory(join(swapMark(passage), basename(trash)));
}

function trashName(passage: Passage): string | undefined {
  return listNames(swapMark(passage)).toSorted().at(-1);
}

/** Takes the mark of a swap away through the passage: who has lost the gate does not take that of the next one. */
export function removeSwapMark(passage: Passage): void {
  const gone = join(passage.path, markedName());
  try {
    // It does no harm to those who meet it when the swap is over.
    unlessBusy(() => {
      renameSync(swapMark(passage), gone);
      rmSync(gone, { recursive: true, force: true });
    });
  } catch (error) {
    if (!isFileError(error, 'ENOENT')) throw error;
  }
}

/** Says, for those who miss the store, that its gate has it: `{dir}/.kv/swaps/{name of the gate}`. */
function swapMark(passage: Passage): string {
  const gateDir = dirname(passage.path);
  return join(dirname(dirname(gateDir)), SWAPS_DIR, basename(gateDir));
}

function placeNext({ old, next, path }: Swap): void {
  for (const name of namesToMove(old)) renameSync(bytesOf(old, name), bytesOf(next, name));
  try {
    renameSync(next, path);
  } catch (error) {
    if (!isTaken(error, path)) throw error;
    // Another tool has made a directory there meanwhile.
    for (const name of readdirSync(next)) {
      if (!existsSync(join(path, name))) renameSync(join(next, name), join(path, name));
    }
  }
}

/** What has no link in the new directory: directories, and what is found by the bytes of its name alone, as no record is. */
export function namesToMove(dir: string): Buffer[] {
  const entries = readdirSync(dir, { withFileTypes: true });
  if (entries.every(({ name }) => isText(name))) {
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => Buffer.from(name));
  }
  return readdirSync(dir, { withFileTypes: true, encoding: 'buffer' })
    .filter((entry) => entry.isDirectory() || !isUtf8(entry.name))
    .map(({ name }) => name);
}

/** A name that is not UTF-8 has this character for its other bytes. */
export function isText(name: string): boolean {
  return !name.includes('\uFFFD');
}

export function bytesOf(dir: string, name: Buffer): Buffer {
  return Buffer.concat([Buffer.from(dir + sep), name]);
}
