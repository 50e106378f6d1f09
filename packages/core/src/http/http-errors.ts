import type { KvErrorCode } from '../errors/kv-error-code.js';

/** How one {@link KvErrorCode} looks over HTTP. */
export interface HttpErrorRow {
  /** The state. */
  readonly code: KvErrorCode;
  /** Status of the response. */
  readonly status: number;
  /** `error.type` of the body. */
  readonly type: string;
}

/**
 * Maps the states that can travel over HTTP to status and `error.type` of Apify's API, and back: every type stands once.
 *
 * A state that repeating does not change has no 5xx status, because clients repeat those. Apify has no types for
 * `precondition-failed`, `record-corrupt` and `storage-corrupt`.
 */
export const HTTP_ERRORS: readonly HttpErrorRow[] = [
  { code: 'KV_ACCESS_DENIED', status: 403, type: 'insufficient-permissions' },
  { code: 'KV_BACKEND_CLOSED', status: 503, type: 'operation-canceled' },
  { code: 'KV_BACKEND_FAILED', status: 500, type: 'internal-server-error' },
  { code: 'KV_CONTENT_TYPE_INVALID', status: 400, type: 'invalid-content-type-header' },
  { code: 'KV_KEY_INVALID', status: 400, type: 'invalid-record-key' },
  { code: 'KV_NAME_INVALID', status: 400, type: 'invalid-value' },
  { code: 'KV_NAME_TAKEN', status: 400, type: 'name-not-unique' },
  { code: 'KV_NOT_SUPPORTED', status: 400, type: 'not-implemented' },
  { code: 'KV_PRECONDITION_FAILED', status: 412, type: 'precondition-failed' },
  { code: 'KV_RECORD_CORRUPT', status: 409, type: 'record-corrupt' },
  { code: 'KV_STORAGE_BUSY', status: 503, type: 'concurrent-update-detected' },
  { code: 'KV_STORAGE_CORRUPT', status: 409, type: 'storage-corrupt' },
  { code: 'KV_STORAGE_FULL', status: 507, type: 'limit-reached' },
  { code: 'KV_STORAGE_IN_USE', status: 409, type: 'operation-not-allowed' },
  { code: 'KV_STORAGE_NOT_FOUND', status: 404, type: 'record-not-found' },
  { code: 'KV_VALUE_INVALID', status: 400, type: 'schema-validation-error' },
];
