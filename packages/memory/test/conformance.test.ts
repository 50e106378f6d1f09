import { describeKeyValueStoreBackend } from '@kv/conformance';
import { describe, it } from 'vitest';
import { createBackend } from '../src/index.js';

describeKeyValueStoreBackend('memory', { runner: { describe, it }, open: () => createBackend() });
