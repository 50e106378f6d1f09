import type { RecordBody } from '../backend/key-value-store-backend.js';
import { kindOf, quote } from '../errors/quote.js';
import { isStream, toByteStream, viewBytes } from './body-stream.js';
import {
  assertContentType,
  BINARY_CONTENT_TYPE,
  isJsonType,
  JSON_CONTENT_TYPE,
  parseContentType,
  TEXT_CONTENT_TYPE,
} from './content-type.js';
import { encodeJson } from './encode-json.js';
import { encodeText } from './encode-text.js';

/** A value on its way to a backend. */
export interface EncodedValue {
  /** Its bytes, in memory or as a stream. */
  readonly value: RecordBody;
  /** The content type to store with them. */
  readonly contentType: string;
}

/** Options of {@link encodeValue}. */
export interface EncodeValueOptions {
  /** Content type to store the value under, to the letter; by default it follows from the value. */
  readonly contentType?: string | undefined;
}

/**
 * Turns a value into bytes and a content type; `null` means that the record is to be deleted.
 *
 * Strings become `text/plain; charset=utf-8`, bytes and streams `application/octet-stream`, a `Blob` keeps its own type,
 * and everything else becomes JSON. With a content type given, strings, bytes and streams are stored as they are under
 * it, and other values must have a JSON type. Streams are passed on, never collected.
 *
 * @throws `TypeError` when the value is `undefined`, a function or a symbol, or an object under a type that is not JSON.
 * @throws {@link KvError} `KV_VALUE_INVALID` when the value cannot be expressed, naming the path to the culprit;
 * `KV_CONTENT_TYPE_INVALID`.
 *
 * @example
 * ```ts
 * import { encodeValue } from '@kv/core';
 *
 * const encoded = encodeValue({ answer: 42 });
 * console.log(encoded?.contentType); // application/json; charset=utf-8
 * ```
 */
export function encodeValue(value: unknown, options: EncodeValueOptions = {}): EncodedValue | null {
  const { contentType } = options;
  if (contentType !== undefined) assertContentType(contentType);
  if (value === null) return null;
  assertStorable(value);

  if (typeof value === 'string') {
    const type = contentType ?? TEXT_CONTENT_TYPE;
    return { value: encodeText(value, parseContentType(type)?.charset), contentType: type };
  }
  const binary = encodeBinary(value);
  if (!binary) return encodeAsJson(value, contentType ?? JSON_CONTENT_TYPE);
  return contentType === undefined ? binary : { ...binary, contentType };
}

/** Takes bytes and streams of all kinds as they are, under the type that they have by themselves. */
function encodeBinary(value: unknown): EncodedValue | undefined {
  const bytes = viewBytes(value);
  if (bytes) return { value: bytes, contentType: BINARY_CONTENT_TYPE };
  if (value instanceof Blob) return { value: value.stream(), contentType: value.type || BINARY_CONTENT_TYPE };
  return isStream(value) ? { value: toByteStream(value), contentType: BINARY_CONTENT_TYPE } : undefined;
}

function encodeAsJson(value: unknown, contentType: string): EncodedValue {
  const parts = parseContentType(contentType);
  if (!parts || !isJsonType(parts.essence)) {
    throw new TypeError(
      `A value of type ${kindOf(value)} cannot be stored as ${quote(contentType)}: ` +
        'under a content type that is not JSON, pass a string, bytes, a Blob or a stream.',
    );
  }
  return { value: encodeText(encodeJson(value), parts.charset), contentType };
}

function assertStorable(value: unknown): void {
  if (value === undefined) {
    throw new TypeError('The value is undefined, which cannot be stored. Pass null to delete the record.');
  }
  if (typeof value === 'function') {
    throw new TypeError('The value is a function, which cannot be stored. Did you forget to call it?');
  }
  if (typeof value === 'symbol') {
    throw new TypeError('The value is a symbol, which cannot be stored. Pass its description instead.');
  }
}
