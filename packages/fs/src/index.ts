export { createBackend } from './create-backend.js';
export type { Durability, FsBackendOptions } from './fs-backend-options.js';
export type { FsBackend, RestoreResult } from './fs-backend.js';
