export type { CloudBackendOptions } from './cloud-backend-options.js';
export { createBackend } from './create-backend.js';
