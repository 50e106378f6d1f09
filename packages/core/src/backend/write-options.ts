import { kindOf } from '../errors/quote.js';
import { KvError } from '../errors/kv-error.js';
import type { OperationOptions } from './operation-options.js';

/**
 * Options of a write or a deletion; the conditions need the capability `conditionalWrites`.
 *
 * They mean what HTTP's `If-Match` and `If-None-Match` do (RFC 9110, 13.1), with the etags of {@link RecordInfo.etag}.
 */
export interface WriteOptions extends OperationOptions {
  /** Only when the record has this etag; with `*`, only when there is a record. */
  readonly ifMatch?: string | undefined;
  /** Only when the record does not have this etag; with `*`, only when there is no record. */
  readonly ifNoneMatch?: string | undefined;
}

/**
 * Tells whether a write comes with a condition; for authors of backends.
 *
 * @throws `TypeError` when a condition is no etag.
 */
export function isConditional({ ifMatch, ifNoneMatch }: WriteOptions = {}): boolean {
  for (const [name, etag] of Object.entries({ ifMatch, ifNoneMatch })) {
    if (etag === undefined || (typeof etag === 'string' && etag !== '')) continue;
    throw new TypeError(`The option "${name}" must be an etag or "*", not ${etag === '' ? 'empty' : kindOf(etag)}.`);
  }
  return ifMatch !== undefined || ifNoneMatch !== undefined;
}

/**
 * Compares the conditions of a write with the etag that the record has, `undefined` for no record; for authors of
 * backends, who call it where no other writer can come in between.
 *
 * @throws {@link KvError} `KV_PRECONDITION_FAILED`.
 */
export function assertPreconditions(
  key: string,
  { ifMatch, ifNoneMatch }: WriteOptions,
  etag: string | undefined,
): void {
  const isMatch = ifMatch === undefined || (etag !== undefined && (ifMatch === '*' || ifMatch === etag));
  const isNoneMatch = ifNoneMatch === undefined || etag === undefined || (ifNoneMatch !== '*' && ifNoneMatch !== etag);
  if (isMatch && isNoneMatch) return;
  const state = etag === undefined ? 'there is no such record' : `its etag is ${JSON.stringify(etag)}`;
  const condition = isMatch ? `ifNoneMatch ${JSON.stringify(ifNoneMatch)}` : `ifMatch ${JSON.stringify(ifMatch)}`;
  throw new KvError(
    'KV_PRECONDITION_FAILED',
    `The record ${JSON.stringify(key)} was left as it is, because ${state} and the condition is ${condition}. Read it again, and decide anew.`,
    { details: { key, etag, ifMatch, ifNoneMatch } },
  );
}
