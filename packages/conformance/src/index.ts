export type { CaseContext, ConformanceCase } from './conformance-case.js';
export type { ConformanceRunner } from './conformance-runner.js';
export { describeKeyValueStoreBackend } from './describe-key-value-store-backend.js';
export type { ConformanceOptions } from './describe-key-value-store-backend.js';
export { KEY_VALUE_STORE_CASES } from './key-value-store-cases.js';
