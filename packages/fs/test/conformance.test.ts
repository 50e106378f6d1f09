import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeKeyValueStoreBackend } from '@kv/conformance';
import { describe, it } from 'vitest';
import { createBackend } from '../src/index.js';

for (const layout of ['kv', 'crawlee'] as const) {
  describeKeyValueStoreBackend(`fs, layout ${layout}`, {
    runner: { describe, it },
    open: () => createBackend({ dir: mkdtempSync(join(tmpdir(), 'kv-conformance-')), layout }),
    reopen: ({ location }) => createBackend({ dir: location, layout }),
    close: async (backend) => {
      await backend.close();
      rmSync(backend.location, { recursive: true, force: true });
    },
  });
}
