import { HTTP_ERRORS } from '@kv/core';
import type { KvErrorCode } from '@kv/core';
import type { HTTPError } from 'ky';

/** What the API has answered instead of success. */
export interface ApiError {
  readonly status: number;
  /** `error.type` of the body, when it is of Apify's form. */
  readonly type: string | undefined;
  /** `error.message` of the body. */
  readonly message: string | undefined;
  /** The state that it means. */
  readonly code: KvErrorCode;
}

/** That the backend of the server is closed says nothing of the one here. */
const CODES_BY_TYPE = new Map(
  HTTP_ERRORS.filter(({ code }) => code !== 'KV_BACKEND_CLOSED').map(({ type, code }) => [type, code]),
);

/** For types that are not in the table, and for answers that are not of Apify's form. */
const CODES_BY_STATUS: Readonly<Record<number, KvErrorCode>> = {
  401: 'KV_ACCESS_DENIED',
  403: 'KV_ACCESS_DENIED',
  412: 'KV_PRECONDITION_FAILED',
  429: 'KV_STORAGE_BUSY',
  507: 'KV_STORAGE_FULL',
};

const ABSENT_TYPES: ReadonlySet<string | undefined> = new Set(['record-not-found', 'record-or-token-not-found']);

/** Reads an answer that is no success. */
export function readApiError({ response, data }: HTTPError): ApiError {
  const { status } = response;
  const { error } = Object(data) as { error?: unknown };
  const { type, message } = Object(error) as { type?: unknown; message?: unknown };
  const known = typeof type === 'string' ? CODES_BY_TYPE.get(type) : undefined;
  return {
    status,
    type: typeof type === 'string' ? type : undefined,
    message: typeof message === 'string' ? message : undefined,
    code: known ?? CODES_BY_STATUS[status] ?? 'KV_BACKEND_FAILED',
  };
}

/** Tells whether an answer means that there is no such thing; a 404 of another kind means that there is no such route. */
export function isAbsence({ status, type }: ApiError, method: string): boolean {
  return status === 404 && (method === 'HEAD' || ABSENT_TYPES.has(type));
}
