import { KvError } from '../errors/kv-error.js';
import { quote } from '../errors/quote.js';
import { isTextType, parseContentType } from './content-type.js';
import { findJsonError } from './find-json-error.js';

/** A record to be decoded, with what an error needs to name it. */
export interface DecodableRecord {
  /** The record's key. */
  readonly key: string;
  /** Its bytes. */
  readonly value: Uint8Array;
  /** Its content type. */
  readonly contentType: string;
  /** Where the bytes lie, for people. */
  readonly location?: string;
}

/**
 * Turns a record's bytes into the value that its content type says.
 *
 * `application/json` is parsed; `text/*` and `application/*xml` become a string in the stated charset, or UTF-8; all
 * else, and every charset that the runtime does not know, stays bytes: a `Buffer` where there is one. A byte order mark is
 * skipped in JSON and kept in text.
 *
 * @throws {@link KvError} `KV_RECORD_CORRUPT` when a JSON record is not JSON, naming place, line and column.
 *
 * @example
 * ```ts
 * import { decodeValue } from '@kv/core';
 *
 * const value = new TextEncoder().encode('{"answer":42}');
 * console.log(decodeValue({ key: 'A', value, contentType: 'application/json' })); // { answer: 42 }
 * ```
 */
export function decodeValue(record: DecodableRecord, store?: string): unknown {
  const parts = parseContentType(record.contentType);
  const isJson = parts?.essence === 'application/json';
  if (!parts || !(isJson || isTextType(parts.essence))) return nativeBytes(record.value);
  const decoder = createDecoder(parts.charset ?? 'utf-8', isJson);
  if (!decoder) return nativeBytes(record.value);
  const text = decoder.decode(record.value);
  return isJson ? parseJson(text, record, store) : text;
}

function createDecoder(charset: string, skipByteOrderMark: boolean) {
  try {
    return new TextDecoder(charset, { ignoreBOM: !skipByteOrderMark });
  } catch {
    // An unknown charset: the bytes themselves are the only value that is not a guess.
    return undefined;
  }
}

function nativeBytes(bytes: Uint8Array): Uint8Array {
  if (typeof Buffer === 'undefined') return bytes;
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function parseJson(text: string, record: DecodableRecord, store: string | undefined): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const { message, line, column } = findJsonError(text);
    const inStore = store === undefined ? '' : ` of the key-value store ${quote(store)}`;
    const place = record.location === undefined ? '' : ` of ${record.location}`;
    throw new KvError(
      'KV_RECORD_CORRUPT',
      `The record ${quote(record.key)}${inStore} is not valid JSON: ${message} at line ${line}, column ${column}${place}. ` +
        'Mend it, or read its bytes with getRecord().',
      { details: { key: record.key, store, location: record.location, line, column }, cause },
    );
  }
}
