import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StorageBackend } from '@kv/core';
import { createBackend as createFsBackend } from '@kv/fs';
import { createBackend as createMemoryBackend } from '@kv/memory';
import { createServer } from '../src/index.js';
import type { ServerOptions } from '../src/index.js';

export const TOKEN = 'the-owner-s-token';

/** The backends that every test of behaviour runs on. */
export const backends: Readonly<Record<string, () => StorageBackend>> = {
  memory: () => createMemoryBackend(),
  fs: () => createFsBackend({ dir: mkdtempSync(join(tmpdir(), 'kv-server-')) }),
};

/** A server that listens, with the backend that it uses. */
export interface TestServer extends AsyncDisposable {
  readonly url: string;
  readonly backend: StorageBackend;
  /** Sends a request with the owner's token. */
  readonly request: (path: string, init?: RequestInit) => Promise<Response>;
}

/** Starts a server on a random port. */
export async function serve(backend: StorageBackend, options: Partial<ServerOptions> = {}): Promise<TestServer> {
  const server = await createServer({ backend, token: TOKEN, ...options });
  const { url, close } = await server.listen();
  return {
    url,
    backend,
    request: (path, init = {}) =>
      fetch(url + path, { ...init, headers: { authorization: `Bearer ${TOKEN}`, ...init.headers } }),
    async [Symbol.asyncDispose]() {
      await close();
      await backend.close();
      if (backend.name === 'fs') rmSync(backend.location, { recursive: true, force: true });
    },
  };
}
