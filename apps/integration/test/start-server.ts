import type { StorageBackend } from '@kv/core';
import { createBackend as createCloudBackend } from '@kv/cloud';
import type { CloudBackendOptions } from '@kv/cloud';
import { createServer } from '@kv/server';
import { assertNoProblems, checkResponsesOf } from '@kv/tooling/checked-fetch';
import { afterEach } from 'vitest';

// Every answer of a server has to be as Apify's document and its own say.
afterEach(assertNoProblems);

/** The token of every server here. */
export const TOKEN = 'kv_test_token';

/** A server over a backend of its own. */
export interface RunningServer {
  readonly url: string;
  /** Stops the server and closes its backend. */
  readonly close: () => Promise<void>;
}

/** Starts a server on a free port of the loopback. */
export async function startServer(backend: StorageBackend, port = 0): Promise<RunningServer> {
  const server = await createServer({ backend, token: TOKEN });
  const { url, close } = await server.listen({ port });
  await checkResponsesOf(url);
  return {
    url,
    close: async () => {
      await close();
      await backend.close();
    },
  };
}

/** Opens the client of a server. */
export async function connect(url: string, options: CloudBackendOptions = {}): Promise<StorageBackend> {
  return createCloudBackend({ apiBaseUrl: url, token: TOKEN, ...options });
}
