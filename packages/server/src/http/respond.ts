import { isAscii } from 'node:buffer';
import type { RecordBody } from '@kv/core';
import type { ApiContext } from './api-context.js';
import type { ApiError } from './api-error.js';
import { addCorsHeaders } from './cors-headers.js';
import { ERROR_HEADERS, errorBody } from './error-response.js';
import { guardStream } from './guard-stream.js';

// What is longer, with its headers, Node would copy once more.
const MAX_TEXT_BYTES = 4096;

/** The headers of a response. */
export type ResponseHeaders = Record<string, string>;

/** What is sent besides the body. */
export interface ResponseParts {
  /** 200 unless told otherwise. */
  readonly status?: number;
  /** Belongs to the response from then on. */
  readonly headers?: ResponseHeaders;
}

/**
 * Makes a response, with the headers that all of them have.
 *
 * They stay one plain object all the way to the socket: to set a single one in the response afterwards costs more than all the
 * rest of a small answer, and to copy the object costs a fourth of it.
 */
export function respond(
  c: ApiContext,
  body: string | RecordBody | null,
  { status = 200, headers = {} }: ResponseParts = {},
): Response {
  addCorsHeaders(c, headers);
  const limit = c.get('rateLimit');
  if (limit !== undefined) headers['X-RateLimit-Limit'] = String(limit);
  // No bytes here are in memory that threads share, which is all that the other type would allow besides.
  return new Response(bodyOf(c, body) as string | ReadableStream | Uint8Array<ArrayBuffer> | null, { status, headers });
}

function bodyOf(c: ApiContext, body: string | RecordBody | null): string | RecordBody | null {
  if (body instanceof Uint8Array) return asText(body) ?? body;
  if (!(body instanceof ReadableStream)) return body;
  c.set('isStreamed', true);
  return guardStream(c, body);
}

/** Gives small bytes as a text, where that is the same: Node sends one in one piece with the headers, and bytes behind them. */
function asText(bytes: Uint8Array): string | undefined {
  const { buffer, byteOffset, byteLength } = bytes;
  if (byteLength > MAX_TEXT_BYTES || !isAscii(bytes)) return undefined;
  return Buffer.from(buffer, byteOffset, byteLength).toString('latin1');
}

/** Makes a response in JSON. */
export function respondJson(
  c: ApiContext,
  value: unknown,
  { status = 200, headers = {} }: ResponseParts = {},
): Response {
  headers['Content-Type'] = 'application/json';
  return respond(c, JSON.stringify(value), { status, headers });
}

/** Makes the response of an error. */
export function respondError(c: ApiContext, error: ApiError): Response {
  const { status, headers } = error;
  return respondJson(c, errorBody(error), { status, headers: { ...ERROR_HEADERS, ...headers } });
}
