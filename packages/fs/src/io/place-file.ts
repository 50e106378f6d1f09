import { closeSync, copyFileSync, existsSync, fsyncSync, linkSync, openSync, renameSync, unlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Durability } from '../fs-backend-options.js';
import { unlessBusy } from './busy-file.js';
import { isFileError } from './file-error.js';
import { freeLater } from './free-later.js';
import type { Passage } from './gate.js';
import { statFile } from './is-file.js';
import { isWindows } from './is-windows.js';
import { markedName } from './process-mark.js';
import { SMALL_VALUE_BYTES } from './small-value.js';

/** Moves a temp file to its place, replacing what is there. */
export function replaceFile(temp: string, target: string, durability: Durability): void {
  try {
    renameSync(temp, target);
  } catch (error) {
    if (!isFileError(error, 'EXDEV')) throw error;
    renameSync(bringNear(temp, target, durability), target);
  }
  if (durability === 'fsync') syncDirectory(dirname(target));
}

/** As {@link replaceFile}, where what is there may be large. */
export function replaceLargeFile(temp: string, target: string, durability: Durability): void {
  freeLater(target, () => replaceFile(temp, target, durability));
}

/**
 * Moves a temp file to its place; `false`, with the temp file still there, when the place is taken. Where files cannot be
 * linked, that is certain only for whoever holds the gate behind which others place their files.
 */
export function placeNewFile(temp: string, target: string, durability: Durability): boolean {
  try {
    linkSync(temp, target);
    unlessBusy(() => unlinkSync(temp));
  } catch (error) {
    if (isFileError(error, 'EEXIST')) return false;
    if (isFileError(error, 'EXDEV')) return placeNewFile(bringNear(temp, target, durability), target, durability);
    if (!isLinkless(error)) throw error;
    if (existsSync(target)) return false;
    renameSync(temp, target);
  }
  if (durability === 'fsync') syncDirectory(dirname(target));
  return true;
}

/** Gives a file a second name; where that cannot be, a copy. */
export function linkOrCopy(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch (error) {
    if (!isLinkless(error)) throw error;
    copyFileSync(from, to);
  }
}

/** Makes a temp file of what has taken its place, as long as nothing shows it; `false` where that stays. */
export function takeBack(temp: string, target: string): boolean {
  return unlessBusy(() => renameSync(target, temp));
}

/** Tells whether a file cannot be linked: some file systems (FAT, exFAT, many network shares) have no hard links. */
export function isLinkless(error: unknown): boolean {
  return isFileError(error, 'EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK');
}

/**
 * Removes a file through a passage; one that is not there is as good as removed, and a directory is left alone.
 *
 * A plain removal would not meet the gate: it could take what another process has put there meanwhile.
 */
export function removeFile(passage: Passage, path: string): void {
  const stats = statFile(path);
  if (!stats) return;
  if (stats.size > SMALL_VALUE_BYTES) freeLater(path, () => takeAway(passage, path));
  else takeAway(passage, path);
}

function takeAway(passage: Passage, path: string): void {
  const gone = join(passage.path, markedName());
  try {
    renameSync(path, gone);
  } catch (error) {
    if (isFileError(error, 'EXDEV')) return unlinkSync(path);
    // Either the file is missing, or the passage.
    if (isFileError(error, 'ENOENT') && !existsSync(path)) return;
    throw error;
  }
  discardGone(gone);
}

/** The file is removed already: should another process hold the gate, or the file, just now, it stays behind as a temp file. */
function discardGone(path: string): void {
  try {
    unlessBusy(() => unlinkSync(path));
  } catch (error) {
    if (!isFileError(error, 'ENOENT')) throw error;
  }
}

/** Copies a temp file to the device of its target, under a hidden name, where a store lies on another one. */
function bringNear(temp: string, target: string, durability: Durability): string {
  const near = join(dirname(target), `.${basename(temp)}`);
  copyFileSync(temp, near);
  if (durability === 'fsync') syncFile(near);
  unlinkSync(temp);
  return near;
}

function syncFile(path: string): void {
  const fd = openSync(path, 'r+');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** Makes the renames and removals in a directory survive a power loss. */
export function syncDirectory(dir: string): void {
  // Windows cannot open directories; NTFS journals renames by itself.
  if (isWindows()) return;
  const fd = openSync(dir, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
