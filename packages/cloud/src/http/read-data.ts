import { KvError } from '@kv/core';
import type { ApiRequest } from './api-request.js';
import type { ApiPlace } from './to-kv-error.js';

/** Takes the `data` out of an answer, `{ "data": … }`. */
export function readData(answer: { readonly body: Uint8Array }, request: ApiRequest, place: ApiPlace): object {
  const data = parseData(new TextDecoder().decode(answer.body));
  if (typeof data === 'object' && data !== null) return data;
  throw new KvError(
    'KV_BACKEND_FAILED',
    `Could not ${request.purpose}: what ${place.location} answered is not of the storage API. Look whether the base URL is that of one.`,
    { details: { ...request.details, location: place.location } },
  );
}

function parseData(text: string): unknown {
  try {
    return (Object(JSON.parse(text)) as { data?: unknown }).data;
  } catch {
    return undefined;
  }
}
