export { assertContractVersion, CONTRACT_VERSION } from './backend/contract-version.js';
export type { ContractVersion } from './backend/contract-version.js';
export type {
  KeyValueStoreBackend,
  KeyValueStoreChanges,
  KeyValueStoreInfo,
} from './backend/key-value-store-backend.js';
export type {
  KeyValueStoreRecord,
  KeyValueStoreRecordBody,
  KeyValueStoreRecordStream,
  RecordBody,
  RecordInfo,
  SetRecord,
} from './backend/key-value-store-backend.js';
export { SMALL_VALUE_BYTES } from './backend/key-value-store-backend.js';
export { toRecordBody } from './backend/to-record-body.js';
export { MAX_LIST_KEYS_LIMIT, resolveListKeysOptions } from './backend/list-keys.js';
export type { KeyInfo, ListKeysOptions, ListKeysPage, ResolvedListKeysOptions } from './backend/list-keys.js';
export type { OperationOptions } from './backend/operation-options.js';
export type {
  BackendOptions,
  CreateBackend,
  PurgeOptions,
  PurgeResult,
  StorageBackend,
} from './backend/storage-backend.js';
export { purgeRule } from './backend/purge-rule.js';
export type { StorageCapabilities } from './backend/storage-capabilities.js';
export { assertPreconditions, isConditional } from './backend/write-options.js';
export type { WriteOptions } from './backend/write-options.js';
export { assertContentEncoding, CONTENT_ENCODINGS, isContentEncoding } from './codec/content-encoding.js';
export type { ContentEncoding } from './codec/content-encoding.js';
export {
  assertContentType,
  BINARY_CONTENT_TYPE,
  JSON_CONTENT_TYPE,
  parseContentType,
  TEXT_CONTENT_TYPE,
} from './codec/content-type.js';
export type { ContentTypeParts } from './codec/content-type.js';
export { decodeValue } from './codec/decode-value.js';
export type { DecodableRecord } from './codec/decode-value.js';
export { encodeValue } from './codec/encode-value.js';
export type { EncodedValue, EncodeValueOptions } from './codec/encode-value.js';
export { KV_ERROR_CODES } from './errors/kv-error-code.js';
export type { KvErrorCode } from './errors/kv-error-code.js';
export { isKvError, KvError } from './errors/kv-error.js';
export type { KvErrorDetails, KvErrorOptions } from './errors/kv-error.js';
export { HTTP_ERRORS } from './http/http-errors.js';
export type { HttpErrorRow } from './http/http-errors.js';
export { assertKeyPrefix, assertRecordKey, isRecordKey, MAX_KEY_LENGTH } from './keys/record-key.js';
export { createStorageId } from './keys/storage-id.js';
export { assertStorageAlias, assertStorageName, MAX_STORAGE_NAME_LENGTH } from './keys/storage-name.js';
export { resolveStorageRef } from './keys/storage-ref.js';
export type { ResolvedStorageRef, StorageRef } from './keys/storage-ref.js';
