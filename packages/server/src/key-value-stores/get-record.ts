import type { KeyValueStoreRecordStream, RecordInfo } from '@kv/core';
import type { ApiContext } from '../http/api-context.js';
import { ApiError } from '../http/api-error.js';
import { recordKey } from './record-key.js';

/** `GET` and `HEAD /key-value-stores/:storeId/records/:key` */
export async function getRecord(c: ApiContext): Promise<Response> {
  const { store } = c.get('target');
  const key = recordKey(c);
  const record: RecordInfo & Partial<KeyValueStoreRecordStream> =
    c.req.method === 'HEAD'
      ? ((await store.records.getRecordInfo(key)) ?? recordNotFound())
      : ((await store.records.getRecordStream(key)) ?? recordNotFound());
  return new Response(record.stream ?? null, {
    headers: {
      'Content-Type': record.contentType,
      'Content-Length': String(record.size),
      ETag: `"${record.etag}"`,
      'Last-Modified': record.modifiedAt.toUTCString(),
    },
  });
}

function recordNotFound(): never {
  throw new ApiError(404, 'record-not-found', 'Record was not found');
}
