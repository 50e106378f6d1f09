import { createBackend } from './reference-backend.ts';
import { describe, it } from 'vitest';
import { describeKeyValueStoreBackend } from '../src/index.js';

describeKeyValueStoreBackend('memory', { runner: { describe, it }, open: () => createBackend() });
