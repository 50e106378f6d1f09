// Does one operation, and ends.
import { createBackend } from '@kv/fs';
import type { CrashOperation } from '../crash/crash-operation.ts';
import { runOperation } from '../crash/run-operation.ts';

const [, , dir = '', operation = ''] = process.argv;
await using backend = createBackend({ dir });
await runOperation(backend, JSON.parse(operation) as CrashOperation);
