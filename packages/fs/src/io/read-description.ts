import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { READ } from './open-if-exists.js';

// Those that kv writes have some hundred bytes.
const MAX_BYTES = 1024 ** 2;

/**
 * Reads an open file that says something of others, such as a sidecar or the metadata of a store. What is no file, or is far
 * too large to be one, is as good as empty: a pipe would hold the process for ever, and half a gigabyte does not fit in a
 * string.
 */
export function readDescription(fd: number, stats: Stats = fstatSync(fd)): string {
  return stats.isFile() && stats.size <= MAX_BYTES ? readFileSync(fd, 'utf8') : '';
}

/** As {@link readDescription}, by path. */
export function readDescriptionAt(path: string): string {
  const fd = openSync(path, READ);
  try {
    return readDescription(fd);
  } finally {
    closeSync(fd);
  }
}
