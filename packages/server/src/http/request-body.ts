import { pipeline, Readable } from 'node:stream';
import { SMALL_VALUE_BYTES } from '@kv/core';
import type { RecordBody } from '@kv/core';
import type { ApiContext } from './api-context.js';
import { ApiError } from './api-error.js';
import { bodyDecoder } from './body-decoder.js';
import type { BodyDecoder } from './body-decoder.js';
import { parseJson } from './parse-json.js';
import { requestHeader } from './request-header.js';
import { withinTime } from './within-time.js';

/** What the decoders say of bytes that are not theirs, or not all of them; Node writes the names of Brotli behind `ERR_`. */
const DAMAGED_BODY = /^(Z_BUF_ERROR|Z_DATA_ERROR|Z_NEED_DICT|ERR__ERROR_FORMAT_\w+)$/;

type Chunks = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/**
 * Gives the body of a request, decoded: its bytes where they are few, otherwise a stream.
 *
 * The stream fails when more than `maxBytes` come out of the decoder, so that a small body cannot blow up. `beforeEnd` is
 * called when all of the body is there, and before that is told.
 *
 * @throws ApiError 413, 415; whatever `beforeEnd` rejects with, in the stream where the body is one.
 */
export async function readBody(c: ApiContext, maxBytes: number, beforeEnd?: () => Promise<void>): Promise<RecordBody> {
  const decoder = bodyDecoder(requestHeader(c, 'content-encoding'));
  const length = Number(requestHeader(c, 'content-length') ?? NaN);
  if (!decoder && length > maxBytes) throw tooLarge(maxBytes, length);
  const asStream = (chunks: Chunks): RecordBody =>
    ReadableStream.from(limit(decoder ? decode(chunks, decoder) : chunks, maxBytes, beforeEnd));
  const source = length <= SMALL_VALUE_BYTES ? undefined : bodyOf(c);
  if (source) return asStream(source);
  const sent = await readSmall(c);
  const bytes = decoder ? decodeSmall(sent, decoder) : sent;
  if (!bytes) return asStream([sent]);
  if (bytes.byteLength > maxBytes) throw tooLarge(maxBytes, bytes.byteLength);
  await beforeEnd?.();
  return bytes;
}

async function readSmall(c: ApiContext): Promise<Uint8Array> {
  try {
    return new Uint8Array(await c.req.raw.arrayBuffer());
  } catch (error) {
    throw unreadable(error);
  }
}

/**
 * Gives the body as Node has it, because each stream around it costs as much as the rest of a large upload. Whoever stops
 * reading leaves the connection as it is, for the answer.
 */
function bodyOf(c: ApiContext): AsyncIterable<Uint8Array> | undefined {
  const { incoming } = c.env;
  return incoming?.iterator({ destroyOnReturn: false }) ?? c.req.raw.body ?? undefined;
}

/**
 * Reads a JSON object; `undefined` for an empty body, whatever its content type.
 *
 * @throws ApiError 400, 408, 413, 415.
 */
export async function readJsonObject(c: ApiContext): Promise<Readonly<Record<string, unknown>> | undefined> {
  const { jsonBytes, jsonMillis } = c.get('server').limits;
  const reading = readBody(c, jsonBytes).then((body) => new Response(body).text());
  const text = await withinTime(jsonMillis, reading);
  if (text === '') return undefined;
  const value = parseJson(text);
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  throw new ApiError(400, 'invalid-request', 'The body must be a JSON object.');
}

/** Decodes what is small afterwards, too, in a fraction of the time that streams take; `undefined` for what is not. */
function decodeSmall(bytes: Uint8Array, decoder: BodyDecoder): Uint8Array | undefined {
  try {
    return decoder.atOnce(bytes, { maxOutputLength: SMALL_VALUE_BYTES });
  } catch (error) {
    if (codeOf(error) === 'ERR_BUFFER_TOO_LARGE') return undefined;
    throw unreadable(error);
  }
}

function decode(chunks: Chunks, decoder: BodyDecoder): AsyncIterable<Uint8Array> {
  const stream = decoder.asStream();
  // Who reads the decoder learns of every failure.
  pipeline(Readable.from(chunks), stream, () => undefined);
  return stream;
}

async function* limit(chunks: Chunks, maxBytes: number, beforeEnd?: () => Promise<void>): AsyncGenerator<Uint8Array> {
  let size = 0;
  try {
    for await (const chunk of chunks) {
      size += chunk.byteLength;
      if (size > maxBytes) throw tooLarge(maxBytes, size);
      yield chunk;
    }
  } catch (error) {
    throw error instanceof ApiError ? error : unreadable(error);
  }
  await beforeEnd?.();
}

function tooLarge(maxBytes: number, size: number): ApiError {
  const message = `The POST payload is too large (limit: ${maxBytes} bytes, actual length: at least ${size} bytes).`;
  return new ApiError(413, 'request-too-large', message);
}

/** The client went away, or its body is not of the encoding that it states. */
function unreadable(cause: unknown): ApiError {
  return DAMAGED_BODY.test(codeOf(cause))
    ? new ApiError(400, 'invalid-request', 'The body does not have the encoding that it states.', { cause })
    : new ApiError(400, 'request-aborted-prematurely', 'The request was aborted before its body was complete.', {
        cause,
      });
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
