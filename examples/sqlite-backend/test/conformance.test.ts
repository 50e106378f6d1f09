import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { describeKeyValueStoreBackend } from '@kv/conformance';
import { createBackend } from '../dist/index.js';

describeKeyValueStoreBackend('sqlite', {
  runner: { describe, it },
  open: () => createBackend({ dir: mkdtempSync(join(tmpdir(), 'kv-sqlite-')) }),
  reopen: ({ location }) => createBackend({ dir: dirname(location) }),
  close: async (backend) => {
    await backend.close();
    rmSync(dirname(backend.location), { recursive: true, force: true });
  },
});
