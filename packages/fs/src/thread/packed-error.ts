import { isKvError, KvError } from '@kv/core';
import type { PackedError } from './messages.js';

/** Turns an error into plain data. */
export function packError(error: unknown): PackedError {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error) };
  const { name, message, cause } = error;
  return {
    name,
    message,
    ...('code' in error && typeof error.code === 'string' ? { code: error.code } : {}),
    ...(isKvError(error) ? { details: error.details } : {}),
    ...(cause === undefined ? {} : { cause: packError(cause) }),
  };
}

/** Turns plain data back into an error of the same kind. */
export function unpackError({ name, message, code, details = {}, cause }: PackedError): Error {
  const options = cause === undefined ? {} : { cause: unpackError(cause) };
  if (name === 'KvError') return new KvError(code as KvError['code'], message, { details, ...options });
  const kinds: Readonly<Record<string, ErrorConstructor>> = { TypeError, RangeError };
  const error = new (kinds[name] ?? Error)(message, options);
  return code === undefined ? error : Object.assign(error, { code });
}
