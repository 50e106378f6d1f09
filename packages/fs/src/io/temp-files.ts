import {
  closeSync,
  existsSync,
  fsyncSync,
  ftruncateSync,
  futimesSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { ReadableStream as NodeReadableStream } from 'node:stream/web';
import type { Durability } from '../fs-backend-options.js';
import { retryWhileBusy } from './busy-file.js';
import { isFileError, toKvError } from './file-error.js';
import { freeLater } from './free-later.js';
import type { Passage } from './gate.js';
import { listNames } from './list-names.js';
import { makeDirectory } from './make-directory.js';
import { makerOf, markedName } from './process-mark.js';
import { LATE } from './renew-passage.js';
import { Turnstile } from './turnstile.js';
import { writeStream } from './write-stream.js';

// A temp file of another machine may belong to a live writer; a day is longer than any write lasts.
const FOREIGN_MAX_AGE_MILLIS = 24 * 60 * 60 * 1000;

/** A file that is to take the place of another one. */
export interface TempFile {
  /**
   * Gives the path of the file in a passage; puts it there the first time, and takes it up again when the passage was closed
   * meanwhile. To be called before looking at the store: the path is good for as long as nobody closes the passage.
   */
  enter(passage: Passage): string;
  /** Whether its value may be large. */
  readonly isLarge: boolean;
  /** Removes the file, unless it has taken its place. */
  discard(passage: Passage): void;
}

/** How a {@link TempFiles.write | large temp file} is written. */
export interface LargeFileOptions {
  /** Whether it is likely to take the place of another file. */
  readonly replaces: boolean;
  readonly signal: AbortSignal | undefined;
}

/**
 * Gives the time in seconds, exact to the microsecond. The clock of a file system ticks some 250 times a second: too seldom
 * where the time of a file is to tell it from the one before, whose inode it may have got.
 */
export function exactTime(): number {
  return (performance.timeOrigin + performance.now()) / 1000;
}

/** Makes a temp file of bytes in memory. For small values: to write them at once costs less than one hand-over to a thread. */
export function smallTempFile(bytes: Uint8Array | string, durability: Durability, time?: number): TempFile {
  const name = markedName();
  let isWritten = false;
  return {
    isLarge: false,
    enter(passage) {
      const path = join(passage.path, name);
      if (!isWritten || !takeUp(path)) writeFileNow(path, bytes, durability, time);
      isWritten = true;
      return path;
    },
    discard: (passage) => (isWritten ? discardEntered(join(passage.path, name)) : undefined),
  };
}

/** Finds a file in a passage again, under its own name; `false` when it is gone, or the passage is closed. */
function takeUp(path: string): boolean {
  if (existsSync(path)) return true;
  try {
    renameSync(path + LATE, path);
    return true;
  } catch (error) {
    if (isFileError(error, 'ENOENT')) return false;
    throw error;
  }
}

function discardEntered(path: string): void {
  discardFile(path);
  discardFile(path + LATE);
}

/** Writes bytes into a new file. */
export function writeFileNow(path: string, bytes: Uint8Array | string, durability: Durability, time?: number): void {
  const fd = openSync(path, 'wx', 0o666);
  try {
    writeFileSync(fd, bytes);
    if (time !== undefined) futimesSync(fd, time, time);
    if (durability === 'fsync') fsyncSync(fd);
  } catch (error) {
    discardFile(path);
    throw toKvError(error, path);
  } finally {
    closeSync(fd);
  }
}

/** Removes what has failed already; what cannot be removed is swept later. */
function discardFile(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch (error) {
    if (!isFileError(error)) throw error;
  }
}

/** Removes what writers left behind that are no more. Never a live writer's file. A name is its maker's mark, unless told otherwise. */
export function sweepTempFiles(dir: string, markOf: (name: string) => string = (name) => name): void {
  for (const name of listNames(dir)) {
    const path = join(dir, name);
    if (isLeftBehind(markOf(name), path)) rmSync(path, { force: true, recursive: true });
  }
}

/**
 * Writes large values and streams into files that no reader looks at.
 *
 * They lie outside of the stores, in `{dir}/.kv/tmp`, so that no other tool takes one for a record; and outside of the
 * passages, because Windows does not rename a directory in which a file is open.
 */
export class TempFiles {
  readonly dir: string;
  readonly #durability: Durability;
  // More than that at once is no faster, and each takes a file descriptor.
  readonly #turnstile: Turnstile = new Turnstile(16);

  constructor(root: string, durability: Durability) {
    this.dir = join(root, '.kv', 'tmp');
    this.#durability = durability;
  }

  /** Writes a small file at once, and returns its path. */
  writeSync(bytes: Uint8Array | string): string {
    const path = join(this.dir, markedName());
    try {
      writeFileNow(path, bytes, this.#durability);
    } catch (error) {
      if (!isFileError(error, 'ENOENT')) throw toKvError(error, path);
      makeDirectory(this.dir);
      writeFileNow(path, bytes, this.#durability);
    }
    return path;
  }

  /** Writes a large value or a stream without blocking the event loop. */
  async write(body: Uint8Array | ReadableStream<Uint8Array>, options: LargeFileOptions): Promise<TempFile> {
    // Streams may wait for one another, so they cannot be made to wait here.
    const isStream = body instanceof ReadableStream;
    return isStream ? this.#write(body, options) : this.#turnstile.pass(async () => this.#write(body, options));
  }

  async #write(body: Uint8Array | ReadableStream<Uint8Array>, options: LargeFileOptions): Promise<TempFile> {
    const { replaces, signal } = options;
    const name = markedName();
    const path = join(this.dir, name);
    // Nothing of a stream has been read yet, so it can wait for a handle.
    const fd = await retryWhileBusy(() => this.#create(path), signal);
    try {
      if (replaces) placeWhenClosed(fd);
      await writeStream(path, readableOf(body, fd), { fd, signal, flush: this.#durability === 'fsync' });
      const seconds = exactTime();
      await retryWhileBusy(() => utimesSync(path, seconds, seconds), signal);
      return movingTempFile(path, name);
    } catch (error) {
      freeLater(path, () => discardFile(path));
      throw error;
    }
  }

  #create(path: string): number {
    try {
      makeDirectory(this.dir);
      return openSync(path, 'wx', 0o666);
    } catch (error) {
      throw toKvError(error, path);
    }
  }
}

/**
 * Lets a new file get its blocks when it is closed, which a thread does. ext4 gives them to it at the latest when it replaces
 * another file (`auto_da_alloc`), for 256 MiB some 100 ms of a call that cannot be left to a thread; or when it is closed, if
 * it was truncated before. Where nothing is replaced, it needs neither.
 */
function placeWhenClosed(fd: number): void {
  try {
    ftruncateSync(fd, 0);
  } catch (error) {
    // It is only there for speed, and not every network file system knows it.
    if (!isFileError(error)) throw error;
  }
}

/** Gives what is to be written into an open file, which is closed when there is nothing that can be read. */
function readableOf(body: Uint8Array | ReadableStream<Uint8Array>, fd: number): Readable {
  try {
    return body instanceof Uint8Array ? Readable.from([body]) : Readable.fromWeb(body as NodeReadableStream);
  } catch (error) {
    // Somebody else reads the stream.
    closeSync(fd);
    throw error;
  }
}

/** Makes a temp file of one that lies elsewhere on the device. */
export function movingTempFile(path: string, name: string): TempFile {
  let isInside = false;
  return {
    isLarge: true,
    enter(passage) {
      const inside = join(passage.path, name);
      if (!isInside) renameSync(path, inside);
      else takeUp(inside);
      isInside = true;
      return inside;
    },
    discard(passage) {
      const now = isInside ? join(passage.path, name) : path;
      freeLater(now, () => discardEntered(now));
    },
  };
}

/** Tells whether the writer of a temp file is no more. */
export function isLeftBehind(name: string, path: string): boolean {
  const maker = makerOf(name);
  if (maker === 'dead') return true;
  // What has no mark is not a temp file.
  if (maker !== 'foreign') return false;
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats !== undefined && Date.now() - stats.mtimeMs > FOREIGN_MAX_AGE_MILLIS;
}
