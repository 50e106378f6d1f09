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

/** Makes the response of an error. */
export function errorResponse({ status, type, message, data, headers }: ApiError): Response {
  const body = { error: { type, message, ...(data === undefined ? {} : { data }) } };
  return Response.json(body, { status, headers: { 'X-Content-Type-Options': 'nosniff', ...headers } });
}

function fromKvError(error: KvError): ApiError {
  const row = HTTP_ERRORS.find(({ code }) => code === error.code);
  if (!row) return INTERNAL_ERROR;
  return new ApiError(row.status, row.type, PLAIN_MESSAGES[error.code] ?? error.message, { cause: error });
}
