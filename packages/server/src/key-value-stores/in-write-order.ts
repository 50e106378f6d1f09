import { isKvError } from '@kv/core';
import type { KvErrorCode } from '@kv/core';
import type { ApiContext } from '../http/api-context.js';
import { ApiError } from '../http/api-error.js';
import { requestHeader } from '../http/request-header.js';
import { readWriteNumber } from '../http/write-number.js';
import type { Outcome } from './client-writes.js';

/** Waits until a write may be done; rejects when it must not be. To be called once, when all that is needed for it is there. */
export type EnterWrite = () => Promise<void>;

/** Errors after which the client sends the same write again. */
const PASSING: ReadonlySet<KvErrorCode> = new Set(['KV_BACKEND_CLOSED', 'KV_BACKEND_FAILED', 'KV_STORAGE_BUSY']);

/**
 * Does a write of a record, unless the client has gone, or this is a late attempt of a numbered write: that one ends as the
 * write has.
 *
 * Attempts are compared when they enter, and none of the same client and record enters before the write is done. So a body
 * that comes slowly holds nobody up.
 *
 * @throws ApiError 400, 412.
 */
export async function inWriteOrder(
  c: ApiContext,
  key: string,
  write: (enter: EnterWrite) => Promise<void>,
): Promise<void> {
  const attempt = readWriteNumber(c);
  if (!attempt) return write(async () => assertClientIsThere(c));
  const { writeOrder } = c.get('server');
  const { number } = attempt;
  const place = `${c.get('target').store.id}/${key}`;
  const client = writeOrder.clientOf(attempt);
  let earlier: Outcome | undefined;
  let turn: Promise<() => void> | undefined;
  const enter = async (): Promise<void> => {
    turn = writeOrder.takeTurn(`${attempt.client}/${place}`);
    await turn;
    assertClientIsThere(c);
    earlier = client.outcomeOf(place, number, isConditional(c));
    if (earlier) throw earlier.error ?? new Error('The write was done before.');
  };
  try {
    await write(enter);
    client.settle(place, number, {});
  } catch (error) {
    if (!earlier && isKvError(error) && !PASSING.has(error.code)) client.settle(place, number, { error });
    if (!earlier) throw error;
    // What was to read the body may have made another error of it.
    if ('error' in earlier) throw earlier.error;
  } finally {
    // Whoever fails before it comes must not keep it then.
    void turn?.then((leave) => leave());
  }
}

function isConditional(c: ApiContext): boolean {
  return (requestHeader(c, 'if-match') ?? requestHeader(c, 'if-none-match')) !== undefined;
}

/** Whoever has gone may have sent the write again, or a newer one. */
function assertClientIsThere(c: ApiContext): void {
  if (c.env.outgoing?.destroyed !== true) return;
  throw new ApiError(400, 'request-aborted-prematurely', 'The client has gone before the write was done.');
}
