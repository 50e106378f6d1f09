import { createWriteStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { toKvError } from './file-error.js';

/** Options of {@link writeStream}. */
export interface WriteStreamOptions {
  /** Descriptor of the file, open for writing; it is closed in the end. */
  readonly fd: number;
  readonly signal: AbortSignal | undefined;
  /** Whether the file is synced before the promise settles. */
  readonly flush: boolean;
}

const BUFFER_BYTES = 512 * 1024;

/**
 * Writes a stream into a new file, as fast as the slower of the two.
 *
 * Errors of the file become KvErrors; those of the source, which may be file errors too, pass through as they are.
 */
export async function writeStream(path: string, source: Readable, options: WriteStreamOptions): Promise<void> {
  const { fd, signal, flush } = options;
  const file = createWriteStream(path, { fd, flush, highWaterMark: BUFFER_BYTES });
  // Each destroys the other with its error, so the first to fail is the one that failed.
  let isSourceError = false;
  source.once('error', () => (isSourceError = !file.errored));
  try {
    await pipeline(source, file, signal ? { signal } : {});
  } catch (error) {
    signal?.throwIfAborted();
    throw isSourceError ? error : toKvError(error, path);
  }
}
