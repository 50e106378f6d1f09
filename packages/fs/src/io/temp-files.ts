import { createHash, randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readlinkSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { ReadableStream as NodeReadableStream } from 'node:stream/web';
import type { Durability } from '../fs-backend-options.js';
import { isFileError, toKvError } from './file-error.js';
import { listNames } from './list-names.js';
import { makeDirectory } from './make-directory.js';
import { writeStream } from './write-stream.js';

// Process ids mean something on one host, and there in one namespace: containers may share name and volume.
const HOST = createHash('sha256').update(hostname()).update(pidNamespace()).digest('hex').slice(0, 8);
const TEMP_NAME = /^([0-9a-f]{8})-(\d+)-/;
// A temp file of another machine may belong to a live writer; a day is longer than any write lasts.
const FOREIGN_MAX_AGE_MILLIS = 24 * 60 * 60 * 1000;

/**
 * Writes values into files that no reader looks at, to be renamed to their place afterwards.
 *
 * They lie outside of the stores, in `{dir}/.kv/tmp`, so that no other tool takes one for a record.
 */
export class TempFiles {
  readonly #dir: string;
  readonly #durability: Durability;

  constructor(root: string, durability: Durability) {
    this.#dir = join(root, '.kv', 'tmp');
    this.#durability = durability;
  }

  /** Writes bytes at once and returns the path. For small values: it costs less than one hand-over to a thread. */
  writeSync(bytes: Uint8Array | string): string {
    const path = this.#newPath();
    const fd = this.#create(path);
    try {
      writeFileSync(fd, bytes);
      if (this.#durability === 'fsync') fsyncSync(fd);
    } catch (error) {
      closeSync(fd);
      rmSync(path, { force: true });
      throw toKvError(error, path);
    }
    closeSync(fd);
    return path;
  }

  /** Writes a large value or a stream without blocking the event loop, and returns the path. */
  async write(body: Uint8Array | ReadableStream<Uint8Array>, signal: AbortSignal | undefined): Promise<string> {
    const path = this.#newPath();
    closeSync(this.#create(path));
    try {
      const source = body instanceof Uint8Array ? Readable.from([body]) : Readable.fromWeb(body as NodeReadableStream);
      await writeStream(path, source, { signal, flush: this.#durability === 'fsync' });
      // The clock of a file system ticks some 250 times a second; the etag of a large value needs a finer one.
      const seconds = (performance.timeOrigin + performance.now()) / 1000;
      utimesSync(path, seconds, seconds);
      return path;
    } catch (error) {
      rmSync(path, { force: true });
      throw error;
    }
  }

  /** Removes what writers left behind that are no more. Never a live writer's file. */
  sweep(): void {
    for (const name of listNames(this.#dir)) {
      const path = join(this.#dir, name);
      if (!isLeftBehind(name, path)) continue;
      rmSync(path, { force: true, recursive: true });
    }
  }

  #newPath(): string {
    return join(this.#dir, `${HOST}-${process.pid}-${randomBytes(8).toString('hex')}`);
  }

  #create(path: string): number {
    try {
      return openSync(path, 'wx', 0o666);
    } catch (error) {
      if (!isFileError(error, 'ENOENT')) throw toKvError(error, path);
    }
    try {
      makeDirectory(this.#dir);
      return openSync(path, 'wx', 0o666);
    } catch (error) {
      throw toKvError(error, path);
    }
  }
}

function pidNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return '';
  }
}

function isLeftBehind(name: string, path: string): boolean {
  const [, host, pid] = TEMP_NAME.exec(name) ?? [];
  if (host === HOST) return !isAlive(Number(pid));
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats !== undefined && Date.now() - stats.mtimeMs > FOREIGN_MAX_AGE_MILLIS;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return isFileError(error, 'EPERM');
  }
}
