import { closeSync, existsSync, fsyncSync, linkSync, openSync, renameSync, unlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Durability } from '../fs-backend-options.js';
import { isFileError } from './file-error.js';

/** Moves a temp file to its place, replacing what is there. */
export function replaceFile(temp: string, target: string, durability: Durability): void {
  renameSync(temp, target);
  if (durability === 'fsync') syncDirectory(dirname(target));
}

/** Moves a temp file to its place; `false`, with the temp file still there, when the place is taken. */
export function placeNewFile(temp: string, target: string, durability: Durability): boolean {
  try {
    linkSync(temp, target);
    unlinkSync(temp);
  } catch (error) {
    if (isFileError(error, 'EEXIST')) return false;
    // Some file systems (FAT, many network shares) have no hard links.
    if (!isFileError(error, 'EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK')) throw error;
    if (existsSync(target)) return false;
    renameSync(temp, target);
  }
  if (durability === 'fsync') syncDirectory(dirname(target));
  return true;
}

/** Removes a file; one that is not there is as good as removed. */
export function removeFile(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if (!isFileError(error, 'ENOENT')) throw error;
  }
}

/** Makes the renames and removals in a directory survive a power loss. */
export function syncDirectory(dir: string): void {
  // Windows cannot open directories; NTFS journals renames by itself.
  if (process.platform === 'win32') return;
  const fd = openSync(dir, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
