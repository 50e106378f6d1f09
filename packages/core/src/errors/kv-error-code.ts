/**
 * Lists every code that a {@link KvError} can carry; `docs/reference/errors.md` explains each.
 *
 * A code names an operational state that a program may want to handle. Misuse of the API, such as an argument of
 * the wrong type, is a plain `TypeError` instead.
 */
export const KV_ERROR_CODES = [
  'KV_ACCESS_DENIED',
  'KV_BACKEND_CLOSED',
  'KV_BACKEND_FAILED',
  'KV_BACKEND_INCOMPATIBLE',
  'KV_BACKEND_INVALID',
  'KV_BACKEND_NOT_INSTALLED',
  'KV_CONFIGURATION_INVALID',
  'KV_CONTENT_TYPE_INVALID',
  'KV_INPUT_MISSING',
  'KV_KEY_INVALID',
  'KV_NAME_INVALID',
  'KV_NAME_TAKEN',
  'KV_NOT_SUPPORTED',
  'KV_PRECONDITION_FAILED',
  'KV_RECORD_CORRUPT',
  'KV_STORAGE_BUSY',
  'KV_STORAGE_CORRUPT',
  'KV_STORAGE_FULL',
  'KV_STORAGE_IN_USE',
  'KV_STORAGE_NOT_FOUND',
  'KV_VALUE_INVALID',
] as const;

/** Names the state that a {@link KvError} reports. */
export type KvErrorCode = (typeof KV_ERROR_CODES)[number];
