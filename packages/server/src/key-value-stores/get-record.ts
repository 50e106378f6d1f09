import type { KeyValueStoreRecordStream, RecordInfo } from '@kv/core';
import type { ApiContext } from '../http/api-context.js';
import { ApiError } from '../http/api-error.js';
import { parseByteRange, sliceStream } from '../http/byte-range.js';
import { contentHeaders } from '../http/content-headers.js';
import { isNotModified, toEntityTag } from '../http/preconditions.js';
import { booleanParam } from '../http/query.js';
import { readAll, SMALL_BODY_BYTES } from '../http/small-body.js';
import { refuseScripts } from '../http/refuse-scripts.js';
import { recordKey } from './record-key.js';

/** `GET` and `HEAD /key-value-stores/:storeId/records/:key` */
export async function getRecord(c: ApiContext): Promise<Response> {
  const { store } = c.get('target');
  refuseScripts(c);
  const key = recordKey(c);
  const isAttachment = booleanParam(c, 'attachment');
  if (c.req.method === 'HEAD') {
    const info = await store.records.getRecordInfo(key);
    if (!info) throw recordNotFound();
    return respond(c, info, isAttachment);
  }
  const record = await store.records.getRecordStream(key);
  if (!record) throw recordNotFound();
  try {
    return await respond(c, record, isAttachment);
  } catch (error) {
    if (!record.stream.locked) await record.stream.cancel();
    throw error;
  }
}

function respond(
  c: ApiContext,
  record: RecordInfo | KeyValueStoreRecordStream,
  isAttachment: boolean,
): Promise<Response> | Response {
  const { isOpen } = c.get('target');
  const headers = {
    ...contentHeaders({ contentType: record.contentType, fileName: record.key, isAttachment, isOpen }),
    ETag: toEntityTag(record.etag),
    'Last-Modified': record.modifiedAt.toUTCString(),
    'Accept-Ranges': 'bytes',
    // A record may change at any time; what a browser keeps is compared by its ETag.
    'Cache-Control': 'private, no-cache',
  };
  const stream = 'stream' in record ? record.stream : undefined;
  if (isNotModified(c, record)) {
    void stream?.cancel();
    return new Response(null, { status: 304, headers });
  }
  if (!stream) return new Response(null, { headers: { ...headers, 'Content-Length': String(record.size) } });
  return respondWithBody(c, { ...record, stream }, headers);
}

async function respondWithBody(
  c: ApiContext,
  { stream, size, etag }: KeyValueStoreRecordStream,
  headers: Record<string, string>,
): Promise<Response> {
  const ifRange = c.req.header('if-range');
  const isSame = ifRange === undefined || ifRange === toEntityTag(etag);
  const range = isSame ? parseByteRange(c.req.header('range'), size) : undefined;
  if (range === undefined) {
    // Bytes go out in one piece with the headers; a stream costs several times as much.
    const body = size <= SMALL_BODY_BYTES ? await readAll(stream, size) : stream;
    return new Response(body, { headers: { ...headers, 'Content-Length': String(size) } });
  }
  if (range === 'unsatisfiable') {
    const message = `The record has ${size} bytes, and the range asks for none of them.`;
    throw new ApiError(416, 'invalid-header', message, { headers: { 'Content-Range': `bytes */${size}` } });
  }
  const { start, end } = range;
  return new Response(sliceStream(stream, range), {
    status: 206,
    headers: {
      ...headers,
      'Content-Length': String(end + 1 - start),
      'Content-Range': `bytes ${start}-${end}/${size}`,
    },
  });
}

function recordNotFound(): ApiError {
  return new ApiError(404, 'record-not-found', 'Record was not found');
}
