import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { isKvError } from '@kv/core';
import { isFileError } from './file-error.js';
import { isWindows } from './is-windows.js';

// Together some 1.3 s: a virus scanner is done with a file by then.
const PAUSES_MILLIS = [5, 10, 20, 40, 80, 160, 320, 640];

// What cannot be had for that long, with no more than that between two tries, is not had by a virus scanner.
const PATIENCE_MILLIS = 1000;
const MAX_BETWEEN_MILLIS = 5000;

/** Those that there is no use in waiting for, or that were waited for already, further inside. */
const givenUp = new WeakSet<object>();
/** Files that could not be had: since when, and when that was tried last. */
const refusals = new Map<string, { readonly since: number; readonly last: number }>();

/**
 * Tells whether a change or an open has failed because of what somebody has just now: the file, which Windows refuses then with
 * the same codes that elsewhere mean that it will never be allowed, or all the handles that there are.
 */
export function isBusy(error: unknown): boolean {
  return isOutOfHandles(error) || (isWindows() && isFileError(causeOf(error), 'EPERM', 'EACCES', 'EBUSY'));
}

function isOutOfHandles(error: unknown): boolean {
  return isFileError(causeOf(error), 'EMFILE', 'ENFILE');
}

/**
 * Tells whether a file that cannot be read can probably be had soon. Whoever leaves out what may not be read asks this first:
 * a file that is busy must not be left out, and one that may never be read must not keep anyone from the others.
 */
export function mayPass(error: unknown, path: string): boolean {
  if (isOutOfHandles(error)) return true;
  if (!isBusy(error)) return false;
  const now = performance.now();
  const known = refusals.get(path);
  const since = known && now - known.last < MAX_BETWEEN_MILLIS ? known.since : now;
  refusals.set(path, { since, last: now });
  return now - since < PATIENCE_MILLIS;
}

/** Waits before the next try of what has failed; `false` when there is no use in trying again. */
export async function waitWhileBusy(error: unknown, tried: number, signal: AbortSignal | undefined): Promise<boolean> {
  const cause = causeOf(error);
  if (!isBusy(error) || givenUp.has(cause as object)) return false;
  const pause = PAUSES_MILLIS[tried];
  if (pause === undefined) {
    giveUp(error);
    return false;
  }
  await sleep(pause, undefined, signal ? { signal } : {});
  return true;
}

/** Runs what can be done again as a whole until nobody has the files that it needs, or it takes too long. */
export async function retryWhileBusy<T>(operation: () => T | Promise<T>, signal?: AbortSignal): Promise<T> {
  for (let tried = 0; ; tried += 1) {
    try {
      return await operation();
    } catch (error) {
      if (!(await waitWhileBusy(error, tried, signal))) throw error;
    }
  }
}

/** Makes a change that nothing depends on any more; `false` where a file is in use just now, and stays behind. */
export function unlessBusy(change: () => void): boolean {
  try {
    change();
    return true;
  } catch (error) {
    if (!isBusy(error)) throw error;
    return false;
  }
}

/** Says that what has failed cannot be done again. */
export function giveUp(error: unknown): void {
  givenUp.add(causeOf(error) as object);
}

/** Tells whether a rename of a directory has failed because something stands in its place; for that, Windows says EPERM. */
export function isTaken(error: unknown, path: string): boolean {
  return isFileError(error, 'ENOTEMPTY', 'EEXIST') || (isFileError(error, 'EPERM') && existsSync(path));
}

function causeOf(error: unknown): unknown {
  return isKvError(error) ? error.cause : error;
}
