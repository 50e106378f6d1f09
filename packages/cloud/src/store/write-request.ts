import { isConditional } from '@kv/core';
import type { RecordBody, SetRecord, WriteOptions } from '@kv/core';
import type { ApiRequest } from '../http/api-request.js';
import { compress } from '../http/compress.js';
import { canSendStreams } from '../http/upload-stream.js';
import type { StoreRequests } from './store-requests.js';

/** Makes the request that stores a record, compressed where that is worth it. */
export async function writeRequest(
  requests: StoreRequests,
  { key, value, contentType }: SetRecord,
  options: WriteOptions,
): Promise<ApiRequest> {
  const compressed = value instanceof Uint8Array ? await compress(value, contentType) : undefined;
  return {
    ...conditional(requests.record('PUT', key, options), options, {
      'content-type': contentType,
      ...(compressed ? { 'content-encoding': 'gzip' } : {}),
    }),
    body: compressed ?? (await toBody(value, options)),
  };
}

/** Makes the request that deletes a record. */
export function deleteRequest(requests: StoreRequests, key: string, options: WriteOptions): ApiRequest {
  return conditional(requests.record('DELETE', key, options), options, {});
}

/** Adds the conditions. With one, the first of two equal requests makes the second fail, so that there must not be two. */
function conditional(request: ApiRequest, options: WriteOptions, headers: Record<string, string>): ApiRequest {
  const { ifMatch, ifNoneMatch } = options;
  return {
    ...request,
    ...(isConditional(options) ? { details: { ...request.details, ifMatch, ifNoneMatch }, isRepeatable: false } : {}),
    headers: {
      ...headers,
      ...(ifMatch === undefined ? {} : { 'if-match': toEtagHeader(ifMatch) }),
      ...(ifNoneMatch === undefined ? {} : { 'if-none-match': toEtagHeader(ifNoneMatch) }),
    },
  };
}

function toEtagHeader(etag: string): string {
  return etag === '*' ? etag : `"${etag}"`;
}

async function toBody(value: RecordBody, { signal }: WriteOptions): Promise<NonNullable<ApiRequest['body']>> {
  if (value instanceof Uint8Array) return value as Uint8Array<ArrayBuffer>;
  if (canSendStreams()) return value;
  const passed = value.pipeThrough(new TransformStream<Uint8Array, Uint8Array>(), signal ? { signal } : {});
  return new Response(passed as ReadableStream<Uint8Array<ArrayBuffer>>).blob();
}
