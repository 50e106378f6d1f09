import type { RecordBody } from '@kv/core';
import type { ApiContext } from './api-context.js';
import type { ApiError } from './api-error.js';
import { CORS_HEADERS } from './cors-headers.js';
import { ERROR_HEADERS, errorBody } from './error-response.js';

/** What is sent besides the body. */
export interface ResponseParts {
  /** 200 unless told otherwise. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Makes a response, with the headers that all of them have.
 *
 * They stay a plain object all the way to the socket: to set a single one afterwards costs more than all the rest of a small
 * answer.
 */
export function respond(
  c: ApiContext,
  body: string | RecordBody | null,
  { status = 200, headers }: ResponseParts = {},
): Response {
  const limit = c.get('rateLimit');
  // No bytes here are in memory that threads share, which is all that the other type would allow besides.
  return new Response(body as string | ReadableStream | Uint8Array<ArrayBuffer> | null, {
    status,
    headers: { ...headers, ...CORS_HEADERS, ...(limit !== undefined && { 'X-RateLimit-Limit': String(limit) }) },
  });
}

/** Makes a response in JSON. */
export function respondJson(c: ApiContext, value: unknown, { status, headers }: ResponseParts = {}): Response {
  const parts = { 'Content-Type': 'application/json', ...headers };
  return respond(c, JSON.stringify(value), status === undefined ? { headers: parts } : { status, headers: parts });
}

/** Makes the response of an error. */
export function respondError(c: ApiContext, error: ApiError): Response {
  const { status, headers } = error;
  return respondJson(c, errorBody(error), { status, headers: { ...ERROR_HEADERS, ...headers } });
}
