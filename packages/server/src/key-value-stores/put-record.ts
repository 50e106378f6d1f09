import { BINARY_CONTENT_TYPE } from '@kv/core';
import type { ApiContext } from '../http/api-context.js';
import { publicUrl } from '../http/public-url.js';
import { readBody } from '../http/request-body.js';
import { recordKey } from './record-key.js';

/** `PUT` and `POST /key-value-stores/:storeId/records/:key` */
export async function putRecord(c: ApiContext): Promise<Response> {
  const { store } = c.get('target');
  const key = recordKey(c);
  const value = await readBody(c, c.get('server').limits.recordBytes);
  await store.records.setRecord({ key, value, contentType: c.req.header('content-type') ?? BINARY_CONTENT_TYPE });
  c.header('Location', publicUrl(c, `/key-value-stores/${store.id}/records/${encodeURIComponent(key)}`));
  return c.json({}, 201);
}
