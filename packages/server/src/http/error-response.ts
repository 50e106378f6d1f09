import { HTTP_ERRORS, isKvError } from '@kv/core';
import type { KvError, KvErrorCode } from '@kv/core';
import { ApiError } from './api-error.js';

/** What went wrong inside, where the message of the error itself would tell of paths and machines. */
const PLAIN_MESSAGES: Partial<Record<KvErrorCode, string>> = {
  KV_ACCESS_DENIED: 'The server has no right to do this in the place where it keeps its data.',
  KV_BACKEND_CLOSED: 'The server is shutting down.',
  KV_BACKEND_FAILED: 'The place where the server keeps its data failed.',
  KV_RECORD_CORRUPT: 'What describes the record is damaged.',
  KV_STORAGE_BUSY: 'Others are changing this storage. Repeat the request.',
  KV_STORAGE_CORRUPT: 'What describes the storage is damaged.',
  KV_STORAGE_FULL: 'There is no space left for this.',
  KV_STORAGE_IN_USE: 'The storage is in use.',
  KV_STORAGE_NOT_FOUND: 'There is no such storage.',
};

const INTERNAL_ERROR = new ApiError(500, 'internal-server-error', 'The server failed. Its log says more.');

/** Turns whatever was thrown into an answer of the API. What tells of the inside of the server is left out. */
export function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  return isKvError(error) ? fromKvError(error) : INTERNAL_ERROR;
}

/** What the body of an error is. */
export function errorBody({ type, message, data }: ApiError): object {
  return { error: { type, message, ...(data === undefined ? {} : { data }) } };
}

/** What every error is sent with. */
export const ERROR_HEADERS: Readonly<Record<string, string>> = { 'X-Content-Type-Options': 'nosniff' };

/** Makes the response of an error where there is no request that a handler could have got. */
export function errorResponse(error: ApiError): Response {
  const { status, headers } = error;
  return Response.json(errorBody(error), { status, headers: { ...ERROR_HEADERS, ...headers } });
}

function fromKvError(error: KvError): ApiError {
  const row = HTTP_ERRORS.find(({ code }) => code === error.code);
  if (!row) return INTERNAL_ERROR;
  return new ApiError(row.status, row.type, PLAIN_MESSAGES[error.code] ?? error.message, { cause: error });
}
