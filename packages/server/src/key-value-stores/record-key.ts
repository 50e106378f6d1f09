import { assertRecordKey } from '@kv/core';
import type { ApiContext } from '../http/api-context.js';

/**
 * Gives the key in the path of a request.
 *
 * @throws KvError `KV_KEY_INVALID`.
 */
export function recordKey(c: ApiContext): string {
  const key = c.req.param('key');
  assertRecordKey(key);
  return key;
}
