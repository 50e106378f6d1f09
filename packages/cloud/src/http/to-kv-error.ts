import { isKvError, KvError } from '@kv/core';
import type { KvErrorCode, KvErrorDetails } from '@kv/core';
import { isHTTPError } from 'ky';
import { isAbsence, readApiError } from './api-error.js';
import type { ApiError } from './api-error.js';
import type { ApiRequest } from './api-request.js';
import { TransportError } from './transport-error.js';

/** The place that requests go to, and the right by which they do. */
export interface ApiPlace {
  /** Its address, for people. */
  readonly location: string;
  readonly token: string | undefined;
  /** Where the token comes from, for people. */
  readonly tokenSource: string;
}

/** Makes an error that says what failed, why, and what to do about it. */
export function toKvError(error: unknown, request: ApiRequest, place: ApiPlace): unknown {
  if (isKvError(error)) return error;
  if (isHTTPError(error)) return ofAnswer(readApiError(error), request, place);
  if (!(error instanceof TransportError)) return error;
  const problem = `the connection to ${place.location} failed: ${error.message}`;
  const message = `Could not ${request.purpose}: ${problem}.${outcome(request)} Try again when it is there.`;
  return new KvError('KV_BACKEND_FAILED', message, { details: detailsOf(request, place), cause: error });
}

function ofAnswer(answer: ApiError, request: ApiRequest, place: ApiPlace): KvError {
  const { status, type, message } = answer;
  const code = isAbsence(answer, request.method) ? 'KV_STORAGE_NOT_FOUND' : answer.code;
  const said = message === undefined ? '' : `, ${JSON.stringify(message)}`;
  const problem = `${place.location} answered ${status}${type === undefined ? '' : ` ${type}`}${said}`;
  const isOpen = status >= 500 && code === 'KV_BACKEND_FAILED';
  return new KvError(
    code,
    `Could not ${request.purpose}: ${problem}.${isOpen ? outcome(request) : ''} ${remedy(code, answer, request, place)}`,
    { details: { ...detailsOf(request, place), status, type } },
  );
}

function detailsOf({ details }: ApiRequest, { location }: ApiPlace): KvErrorDetails {
  return { ...details, location };
}

/** Of a write that was cut off nobody knows whether it was done. */
function outcome({ method }: ApiRequest): string {
  return method === 'GET' || method === 'HEAD' ? '' : ' Whether it was done is not known: look before you do it again.';
}

const REMEDIES: Partial<Record<KvErrorCode, string>> = {
  KV_STORAGE_NOT_FOUND: 'Open it by name to create it.',
  KV_NAME_TAKEN: 'Choose another name.',
  KV_PRECONDITION_FAILED: 'Read the record again, and decide anew.',
  KV_STORAGE_BUSY: 'Nothing was done: try again later.',
  KV_STORAGE_FULL: 'Free some space there.',
};

function remedy(code: KvErrorCode, { status }: ApiError, request: ApiRequest, place: ApiPlace): string {
  if (code === 'KV_ACCESS_DENIED') return accessRemedy(status, request, place);
  const known = REMEDIES[code];
  if (known !== undefined) return known;
  if (status === 404) return 'There is no such route: look whether the base URL is that of a storage API.';
  return status >= 500 ? 'Try again later.' : 'See what it says.';
}

function accessRemedy(status: number, { method }: ApiRequest, { token, tokenSource }: ApiPlace): string {
  if (token === undefined) return 'No token was given: set APIFY_TOKEN, or pass the option "token".';
  if (status === 401) return `The token of ${tokenSource} is not one of its tokens: give it another.`;
  const right = method === 'GET' || method === 'HEAD' ? 'read' : 'write';
  return `The token of ${tokenSource} lacks the right to ${right} it: grant it, or give another token.`;
}
