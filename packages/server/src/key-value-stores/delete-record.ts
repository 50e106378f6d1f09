import type { ApiContext } from '../http/api-context.js';
import { recordKey } from './record-key.js';

/** `DELETE /key-value-stores/:storeId/records/:key`: a record that does not exist is as good as removed. */
export async function deleteRecord(c: ApiContext): Promise<Response> {
  await c.get('target').store.records.deleteRecord(recordKey(c));
  return c.body(null, 204);
}
