import { hash } from 'node:crypto';
import { closeSync, readSync } from 'node:fs';
import type { KeyValueStoreRecord, KeyValueStoreRecordBody, KeyValueStoreRecordStream, RecordInfo } from '@kv/core';
import { closeAsync, readAsync } from '../io/file-calls.js';
import { SMALL_VALUE_BYTES } from '../io/small-value.js';
import { Turnstile } from '../io/turnstile.js';
import type { StoreDirectory } from '../store/store-directory.js';
import { openRecord } from './open-record.js';
import type { OpenFile, OpenRecord } from './open-record.js';
import { resolveRecord } from './resolve-record.js';
import type { FileUse, ResolvedRecord } from './resolve-record.js';
import { readSmallFile } from './small-file.js';
import { streamFile } from './stream-file.js';

// Measured: one call for 256 MiB is hardly faster, and the longer the kernel is at work, the longer the event loop waits for memory.
const CHUNK_BYTES = 1024 ** 2;

const READ_SMALL_FILE: FileUse<Uint8Array | OpenFile> = {
  use: readSmallFile,
  discard: (result) => {
    if (!(result instanceof Uint8Array)) closeSync(result.fd);
  },
};

// More than that at once is no faster, and each takes a file descriptor.
const largeReads = new Turnstile(16);

/** Reads a record into memory; `undefined` when there is none. A small one is read at once, without a thread. */
export function readRecord(
  store: StoreDirectory,
  key: string,
): KeyValueStoreRecord | undefined | Promise<KeyValueStoreRecord | undefined> {
  const found = resolveRecord(store, key, READ_SMALL_FILE);
  if (!found) return undefined;
  const { result } = found;
  if (result instanceof Uint8Array) return toRecord(key, found, result);
  if (largeReads.isFree) return largeReads.pass(async () => load(key, found));
  // While it waits for its turn, it is not open; and when its turn comes, there may be another value.
  closeSync(result.fd);
  return largeReads.pass(async () => load(key, resolveRecord(store, key, READ_SMALL_FILE)));
}

/** Opens a record for streaming; `undefined` when there is none. A small one is read at once, without a thread. */
export function streamRecord(store: StoreDirectory, key: string): KeyValueStoreRecordStream | undefined {
  const record = readRecordBody(store, key);
  if (!record) return undefined;
  const { value, ...info } = record;
  return { ...info, stream: value instanceof Uint8Array ? streamBytes(value) : value };
}

/** Reads a small record, and opens a large one for streaming; `undefined` when there is none. */
export function readRecordBody(store: StoreDirectory, key: string): KeyValueStoreRecordBody | undefined {
  const record = openRecord(store, key);
  if (!record) return undefined;
  const { size } = record.stats;
  if (size > SMALL_VALUE_BYTES) return { ...describe(key, record, undefined), value: streamFile(record.fd, size) };
  try {
    const value = readAt(record.fd, size);
    return { ...describe(key, record, value), value };
  } finally {
    closeSync(record.fd);
  }
}

/** Reads what is known of a record; `undefined` when there is none. */
export function readRecordInfo(store: StoreDirectory, key: string): RecordInfo | undefined {
  const record = openRecord(store, key);
  if (!record) return undefined;
  try {
    const { size } = record.stats;
    return describe(key, record, size > SMALL_VALUE_BYTES ? undefined : readAt(record.fd, size));
  } finally {
    closeSync(record.fd);
  }
}

function describe(key: string, record: OpenRecord, value: Uint8Array | undefined): RecordInfo {
  const { contentType, contentEncoding, stats } = record;
  // Another program may be changing the file in its place.
  const size = value?.length ?? stats.size;
  return { key, contentType, contentEncoding, size, etag: etagOf(record, value), modifiedAt: stats.mtime };
}

/**
 * Small values are told apart by their bytes. Larger ones by their file, which every write makes anew, with a time that is
 * exact to the microsecond.
 */
function etagOf({ contentType, stats }: OpenRecord, value: Uint8Array | undefined): string {
  const version = value ?? Buffer.from(`${stats.ino}:${stats.size}:${stats.mtimeMs}`);
  // At one go; a hash that is fed in parts takes three times as long.
  return hash('sha1', Buffer.concat([Buffer.from(`${contentType}\0`), version]), 'base64url');
}

/** Gives bytes that are in memory already as a stream. */
function streamBytes(bytes: Uint8Array): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      if (bytes.length > 0) controller.enqueue(bytes);
      controller.close();
    },
  });
}

/** Reads from the beginning without moving the position that a stream goes on from. */
function readAt(fd: number, size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  let length = 0;
  while (length < size) {
    const count = readSync(fd, bytes, length, size - length, length);
    if (count === 0) break;
    length += count;
  }
  return length === size ? bytes : bytes.subarray(0, length);
}

type FoundRecord = ResolvedRecord<Uint8Array | OpenFile>;

function toRecord(key: string, { contentType, path }: FoundRecord, value: Uint8Array): KeyValueStoreRecord {
  return { key, value, contentType, location: path };
}

async function load(key: string, found: FoundRecord | undefined): Promise<KeyValueStoreRecord | undefined> {
  if (!found) return undefined;
  const { result } = found;
  return toRecord(key, found, result instanceof Uint8Array ? result : await readLarge(result));
}

async function readLarge({ fd, stats: { size } }: OpenFile): Promise<Uint8Array> {
  try {
    const bytes = new Uint8Array(size);
    let length = 0;
    while (length < size) {
      const { bytesRead } = await readAsync(fd, bytes, length, Math.min(size - length, CHUNK_BYTES), length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    return bytes.subarray(0, length);
  } finally {
    await closeAsync(fd);
  }
}
