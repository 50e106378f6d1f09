import { setTimeout } from 'node:timers/promises';
import {
  BINARY_CONTENT_TYPE,
  decodeValue,
  encodeValue,
  isKvError,
  JSON_CONTENT_TYPE,
  KvError,
  parseContentType,
  TEXT_CONTENT_TYPE,
} from '@kv/core';
import type { EncodedValue, KeyValueStoreBackend, WriteOptions } from '@kv/core';

/**
 * Makes the new value of a record from the one that it has, `undefined` when there is no record; `null` deletes it.
 *
 * It may be called several times, so it does nothing else that must not be done twice.
 */
export type ChangeValue<T> = (current: T | undefined) => T | null | Promise<T | null>;

/** Options of `KeyValueStore.update()`. */
export interface UpdateOptions {
  /**
   * Content type of the new record, to the letter.
   *
   * By default the record keeps the one that it has, where the new value is of the same kind: text, bytes or JSON. Otherwise
   * it follows from the value.
   */
  readonly contentType?: string | undefined;
  /** Gives the update up: it rejects with the signal's reason, and the record stays as it was. */
  readonly signal?: AbortSignal | undefined;
}

/** A record that is to be updated. */
export interface UpdatedRecord {
  readonly backend: KeyValueStoreBackend;
  readonly key: string;
  /** What people call the store. */
  readonly storeName: string;
}

/** The value that an update has made, and what is stored of it; `null` when the record was deleted. */
export interface UpdateResult<T> {
  readonly value: T | null;
  readonly encoded: EncodedValue | null;
}

interface Version {
  /** The value as users read it; nothing of it is shared with `bytes`. */
  readonly current: unknown;
  readonly bytes: Uint8Array;
  readonly contentType: string;
  readonly etag: string;
}

const MOST_ATTEMPTS = 50;
const LONGEST_WAIT_MILLIS = 250;

/** Reads, changes and writes a record, again and again until nobody else has written it in between. */
export async function updateValue<T>(
  record: UpdatedRecord,
  change: ChangeValue<T>,
  { contentType, signal }: UpdateOptions,
): Promise<UpdateResult<T>> {
  for (let attempt = 1; ; attempt += 1) {
    const version = await readVersion(record, signal);
    const value = await change(version?.current as T | undefined);
    assertGiven(value);
    const encoded = encodeLike(value, version, contentType);
    if (isStored(encoded, version)) return { value, encoded };
    try {
      await write(record, encoded, { signal, ...(version ? { ifMatch: version.etag } : { ifNoneMatch: '*' }) });
      return { value, encoded };
    } catch (error) {
      if (!isKvError(error, 'KV_PRECONDITION_FAILED')) throw error;
      if (attempt === MOST_ATTEMPTS) throw outrun(record, error);
    }
    await waitForTurn(attempt, signal);
  }
}

/** Reads value and etag of one version. */
async function readVersion(
  { backend, key, storeName }: UpdatedRecord,
  signal: AbortSignal | undefined,
): Promise<Version | undefined> {
  const opened = await backend.getRecordStream(key, { signal });
  if (!opened) return undefined;
  const { stream, contentType, etag } = opened;
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
  const current = decodeValue({ key, value: bytes.slice(), contentType }, storeName);
  return { current, bytes, contentType, etag };
}

async function write(
  { backend, key }: UpdatedRecord,
  encoded: EncodedValue | null,
  options: WriteOptions,
): Promise<void> {
  if (encoded) await backend.setRecord({ key, ...encoded }, options);
  else await backend.deleteRecord(key, options);
}

/** Takes what the function gave; who forgets to return the value that was changed in place must not lose it in silence. */
function assertGiven(value: unknown): void {
  if (value !== undefined) return;
  throw new TypeError(
    'The function of update() gave undefined. Return the new value, the current one to leave it, or null to delete the record.',
  );
}

/** Encodes the new value, under the content type of the record where both are of the same kind. */
function encodeLike(
  value: unknown,
  version: Version | undefined,
  contentType: string | undefined,
): EncodedValue | null {
  const encoded = encodeValue(value, { contentType });
  if (!encoded || !version || contentType !== undefined || encoded.contentType !== kindOf(version)) return encoded;
  // A stream is taken once. A text may not fit the charset of the record.
  return encoded.value instanceof Uint8Array
    ? encodeValue(value, version)
    : { ...encoded, contentType: version.contentType };
}

/** Gives the content type that values of the record's kind have by themselves. */
function kindOf({ current, contentType }: Version): string {
  if (parseContentType(contentType)?.essence === 'application/json') return JSON_CONTENT_TYPE;
  return typeof current === 'string' ? TEXT_CONTENT_TYPE : BINARY_CONTENT_TYPE;
}

function isStored(encoded: EncodedValue | null, version: Version | undefined): boolean {
  if (!encoded || !version) return !encoded && !version;
  const isSameType = encoded.contentType === version.contentType;
  return isSameType && encoded.value instanceof Uint8Array && Buffer.compare(encoded.value, version.bytes) === 0;
}

/** Waits longer after each attempt, and never as long as another one that waits. */
async function waitForTurn(attempt: number, signal: AbortSignal | undefined): Promise<void> {
  const millis = Math.random() * Math.min(2 ** attempt, LONGEST_WAIT_MILLIS);
  await setTimeout(millis, undefined, { signal }).catch(() => signal?.throwIfAborted());
}

function outrun({ key, storeName }: UpdatedRecord, cause: KvError): KvError {
  return new KvError(
    'KV_PRECONDITION_FAILED',
    `The record ${JSON.stringify(key)} of the key-value store ${JSON.stringify(storeName)} was not updated: ${MOST_ATTEMPTS} times in a row, ` +
      'somebody else had written it since it was read. Try again later, or let fewer write it at once.',
    { details: cause.details, cause },
  );
}
