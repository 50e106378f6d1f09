import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeKeyValueStoreBackend } from '@kv/conformance';
import type { StorageBackend } from '@kv/core';
import { createBackend as createFsBackend } from '@kv/fs';
import { createBackend as createMemoryBackend } from '@kv/memory';
import { afterAll, describe, it } from 'vitest';
import { connect, startServer } from './start-server.js';
import type { RunningServer } from './start-server.js';

const root = mkdtempSync(join(tmpdir(), 'kv-integration-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const PLACES: Readonly<Record<string, () => StorageBackend>> = {
  memory: () => createMemoryBackend(),
  fs: () => createFsBackend({ dir: mkdtempSync(join(root, 'storage-')) }),
};

describe.each(Object.entries(PLACES))('over HTTP, and then', (name, createPlace) => {
  const servers = new Map<StorageBackend, RunningServer>();
  describeKeyValueStoreBackend(`cloud on a server over ${name}`, {
    runner: { describe, it },
    open: async () => {
      const server = await startServer(createPlace());
      const backend = await connect(server.url);
      servers.set(backend, server);
      return backend;
    },
    reopen: (backend) => connect(backend.location),
    close: async (backend) => {
      await backend.close();
      await servers.get(backend)?.close();
    },
  });
});
