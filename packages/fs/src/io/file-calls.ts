import { close, read } from 'node:fs';

// An import would load all that this module has for others, such as its parsers, before a program has read its INPUT.
const { promisify } = process.getBuiltinModule('node:util');

/** Reads from an open file, without blocking. */
export const readAsync: typeof read.__promisify__ = promisify(read);
/** Closes a file, without blocking. */
export const closeAsync: typeof close.__promisify__ = promisify(close);
