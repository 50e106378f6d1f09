import { describeKeyValueStoreBackend } from '@kv/conformance';
import { describe, it } from 'vitest';
import { createBackend } from '../src/index.js';

describeKeyValueStoreBackend('template', {
  runner: { describe, it },
  open: () => createBackend(),
});
