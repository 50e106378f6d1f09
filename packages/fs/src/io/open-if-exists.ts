import { constants, openSync } from 'node:fs';
import { mayPass } from './busy-file.js';
import { isFileError, toKvError } from './file-error.js';

/** How files are opened: a pipe under the name of a file must not hold the process until somebody writes into it. */
export const READ: number = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/** Opens a file for reading; `undefined` when there is none. */
export function openIfExists(path: string): number | undefined {
  const limit = Error.stackTraceLimit;
  // The stack of an error that nobody sees would double what looking for an absent file costs.
  Reflect.set(Error, 'stackTraceLimit', 0);
  try {
    return openSync(path, READ);
  } catch (error) {
    // A socket cannot be opened at all, and some links lead nowhere.
    if (isFileError(error, 'ENOENT', 'ENOTDIR', 'EISDIR', 'ENXIO', 'ELOOP')) return undefined;
    // While it may pass, it is no error of the record yet.
    throw mayPass(error, path) ? error : toKvError(error, path);
  } finally {
    Reflect.set(Error, 'stackTraceLimit', limit);
  }
}
