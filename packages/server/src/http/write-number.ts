import type { ApiContext } from './api-context.js';
import { ApiError } from './api-error.js';
import { requestHeader } from './request-header.js';

/** Which write a request is an attempt of. */
export interface WriteNumber {
  /** What tells the client from all others. */
  readonly client: string;
  /** The number of the write; those of a client only grow. */
  readonly number: number;
  /** The lowest number whose write the client still waits for. */
  readonly oldest: number;
}

const WRITE_NUMBER = /^([\w-]{16,64}):([1-9]\d{0,14}):([1-9]\d{0,14})$/;

/**
 * Reads the header `X-KV-Write`, `CLIENT:NUMBER:OLDEST`; `undefined` when there is none.
 *
 * @throws ApiError 400.
 */
export function readWriteNumber(c: ApiContext): WriteNumber | undefined {
  const header = requestHeader(c, 'x-kv-write');
  if (header === undefined) return undefined;
  const [, client, number, oldest] = WRITE_NUMBER.exec(header) ?? [];
  if (client !== undefined && Number(oldest) <= Number(number)) {
    return { client, number: Number(number), oldest: Number(oldest) };
  }
  const message =
    'The header "X-KV-Write" must be CLIENT:NUMBER:OLDEST: 16 to 64 letters and digits, and two numbers, the last not above the other.';
  throw new ApiError(400, 'invalid-header', message);
}
