import type { ContentEncoding, KeyValueStoreRecordBody, RecordBody, RecordInfo } from '@kv/core';
import type { ApiContext } from '../http/api-context.js';
import { ApiError } from '../http/api-error.js';
import { parseByteRange, slice } from '../http/byte-range.js';
import type { ByteRange } from '../http/byte-range.js';
import { chooseCoding, encode, isWorthCoding } from '../http/content-coding.js';
import { contentHeaders } from '../http/content-headers.js';
import { requestHeader } from '../http/request-header.js';
import { isNotModified, toEntityTag } from '../http/preconditions.js';
import { booleanParam } from '../http/query.js';
import { refuseScripts } from '../http/refuse-scripts.js';
import { respond } from '../http/respond.js';
import type { ResponseHeaders } from '../http/respond.js';
import { recordKey } from './record-key.js';

/** A record, and which bytes of it are sent. */
interface Selection {
  readonly record: RecordInfo;
  /** What is sent of the plain bytes; `undefined` for all. */
  readonly range: ByteRange | 'unsatisfiable' | undefined;
  /** How they are coded. */
  readonly coding: ContentEncoding | undefined;
}

/** `GET` and `HEAD /key-value-stores/:storeId/records/:key` */
export async function getRecord(c: ApiContext): Promise<Response> {
  const { records } = c.get('target').store;
  refuseScripts(c);
  const key = recordKey(c);
  const isAttachment = booleanParam(c, 'attachment');
  const record = c.req.method === 'HEAD' ? await records.getRecordInfo(key) : await records.getRecordBody(key);
  if (!record) throw new ApiError(404, 'record-not-found', 'Record was not found');
  const value = valueOf(record);
  try {
    const selection = select(c, record);
    const headers = recordHeaders(c, selection, isAttachment);
    if (!isNotModified(c, record, selection.coding)) return respondSelected(c, selection, value, headers);
    await release(value);
    return respond(c, null, { status: 304, headers });
  } catch (error) {
    await release(value);
    throw error;
  }
}

/** A range is one of the plain bytes: who asks for it gets those, unless they are refused. */
function select(c: ApiContext, record: RecordInfo): Selection {
  const { etag, size, contentType, contentEncoding } = record;
  const ifRange = requestHeader(c, 'if-range');
  const isSame = ifRange === undefined || ifRange === toEntityTag(etag);
  const range = isSame && c.req.method !== 'HEAD' ? parseByteRange(requestHeader(c, 'range'), size) : undefined;
  const isWhole = range === undefined;
  const coding = chooseCoding(requestHeader(c, 'accept-encoding'), {
    came: isWhole ? contentEncoding : undefined,
    isWorthIt: isWhole && isWorthCoding(contentType, size),
  });
  return { record, coding, range: coding === undefined ? range : undefined };
}

function recordHeaders(c: ApiContext, { record, coding }: Selection, isAttachment: boolean): ResponseHeaders {
  const { isOpen } = c.get('target');
  const { contentType, key, etag, modifiedAt } = record;
  const headers = contentHeaders({ contentType, fileName: key, isAttachment, isOpen });
  headers['ETag'] = toEntityTag(etag, coding);
  headers['Last-Modified'] = modifiedAt.toUTCString();
  // A record may change at any time; what a browser keeps is compared by its ETag.
  headers['Cache-Control'] = 'private, no-cache';
  headers['Vary'] = 'Accept-Encoding';
  if (coding === undefined) headers['Accept-Ranges'] = 'bytes';
  return headers;
}

function respondSelected(
  c: ApiContext,
  { record: { size }, coding, range }: Selection,
  value: RecordBody | undefined,
  headers: ResponseHeaders,
): Response {
  if (coding !== undefined) {
    headers['Content-Encoding'] = coding;
    return respond(c, value ? encode(value, coding, size) : null, { headers });
  }
  if (range === 'unsatisfiable') throw unsatisfiable(size);
  const { start, end } = range ?? { start: 0, end: size - 1 };
  headers['Content-Length'] = String(end + 1 - start);
  if (range === undefined) return respond(c, value ?? null, { headers });
  headers['Content-Range'] = `bytes ${start}-${end}/${size}`;
  return respond(c, value ? slice(value, range) : null, { status: 206, headers });
}

function unsatisfiable(size: number): ApiError {
  const message = `The record has ${size} bytes, and the range asks for none of them.`;
  return new ApiError(416, 'invalid-header', message, { headers: { 'Content-Range': `bytes */${size}` } });
}

function valueOf(record: RecordInfo | KeyValueStoreRecordBody): RecordBody | undefined {
  return 'value' in record ? record.value : undefined;
}

/** Nobody else closes a stream that is not sent. */
async function release(value: RecordBody | undefined): Promise<void> {
  if (value instanceof ReadableStream && !value.locked) await value.cancel();
}
