import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeKeyValueStoreBackend } from '@kv/conformance';
import { describe, it } from 'vitest';
import { createBackend } from '../src/index.js';

describeKeyValueStoreBackend('fs', {
  runner: { describe, it },
  open: () => createBackend({ dir: mkdtempSync(join(tmpdir(), 'kv-conformance-')) }),
  reopen: ({ location }) => createBackend({ dir: location }),
  close: async (backend) => {
    await backend.close();
    rmSync(backend.location, { recursive: true, force: true });
  },
});
