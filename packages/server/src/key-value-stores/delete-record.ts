import type { ApiContext } from '../http/api-context.js';
import { writeConditions } from '../http/preconditions.js';
import { respond } from '../http/respond.js';
import { inWriteOrder } from './in-write-order.js';
import { recordKey } from './record-key.js';

/** `DELETE /key-value-stores/:storeId/records/:key`: a record that does not exist is as good as removed. */
export async function deleteRecord(c: ApiContext): Promise<Response> {
  const conditions = writeConditions(c, c.get('server').capabilities);
  const key = recordKey(c);
  await inWriteOrder(c, key, async (enter) => {
    await enter();
    await c.get('target').store.records.deleteRecord(key, conditions);
  });
  return respond(c, null, { status: 204 });
}
