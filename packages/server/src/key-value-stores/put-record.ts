import { assertContentType, BINARY_CONTENT_TYPE, SMALL_VALUE_BYTES } from '@kv/core';
import type { ContentEncoding, RecordBody } from '@kv/core';
import type { ApiContext } from '../http/api-context.js';
import { bodyDecoder } from '../http/body-decoder.js';
import { isChosenAnyway } from '../http/content-coding.js';
import { requestHeader } from '../http/request-header.js';
import { writeConditions } from '../http/preconditions.js';
import { publicUrl } from '../http/public-url.js';
import { readBody } from '../http/request-body.js';
import { respondJson } from '../http/respond.js';
import { readWriteNumber } from '../http/write-number.js';
import { checkRecord, needsMemory } from './check-record.js';
import { inWriteOrder } from './in-write-order.js';
import { recordKey } from './record-key.js';

/** `PUT` and `POST /key-value-stores/:storeId/records/:key` */
export async function putRecord(c: ApiContext): Promise<Response> {
  const { store } = c.get('target');
  const { limits, capabilities } = c.get('server');
  const key = recordKey(c);
  const contentType = requestHeader(c, 'content-type') ?? BINARY_CONTENT_TYPE;
  assertContentType(contentType);
  const conditions = writeConditions(c, capabilities);
  const schema = await store.getSchema();
  const isInMemory = schema !== undefined && needsMemory(schema, key);
  const maxBytes = isInMemory ? Math.min(limits.recordBytes, limits.jsonBytes) : limits.recordBytes;
  await inWriteOrder(c, key, async (enter) => {
    const body = await readBody(c, maxBytes, enter);
    const value = schema ? await checkRecord(schema, { key, value: body, contentType }) : body;
    const contentEncoding = codingToKeep(c, contentType, body);
    await store.records.setRecord({ key, value, contentType, contentEncoding }, conditions);
  });
  const location = publicUrl(c, `/key-value-stores/${store.id}/records/${encodeURIComponent(key)}`);
  return respondJson(c, {}, { status: 201, headers: { Location: location } });
}

/** The value is stored plain, for people and other tools to read, and its coding beside it where that makes a difference. */
function codingToKeep(c: ApiContext, contentType: string, body: RecordBody): ContentEncoding | undefined {
  // `@kv/cloud`, which numbers its writes, compresses for the way alone.
  if (readWriteNumber(c)) return undefined;
  const coding = bodyDecoder(requestHeader(c, 'content-encoding'))?.coding;
  // A stream is large, unless its length was not told.
  const streamSize = requestHeader(c, 'content-length') === undefined ? 0 : SMALL_VALUE_BYTES;
  const size = body instanceof Uint8Array ? body.byteLength : streamSize;
  return isChosenAnyway(coding, contentType, size) ? undefined : coding;
}
