export { createBackend } from './create-backend.js';
