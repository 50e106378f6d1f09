import { describe, it } from 'node:test';
import { describeKeyValueStoreBackend } from '@kv/conformance';
import { createBackend } from '../dist/index.js';

describeKeyValueStoreBackend('template', {
  runner: { describe, it },
  open: () => createBackend(),
});
