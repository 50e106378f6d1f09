import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CloudBackendOptions } from '@kv/cloud';
import type { KeyValueStoreBackend, StorageBackend } from '@kv/core';
import { createBackend as createFsBackend } from '@kv/fs';
import { createBackend as createMemoryBackend } from '@kv/memory';
import { expect } from 'vitest';
import { FaultProxy } from './fault-proxy.js';
import { connect, startServer } from './start-server.js';

export const TEXT = 'text/plain; charset=utf-8';

/** The backends behind the server. */
export const backends: readonly { readonly name: string; readonly open: () => StorageBackend }[] = [
  { name: 'memory', open: () => createMemoryBackend() },
  { name: 'fs', open: () => createFsBackend({ dir: mkdtempSync(join(tmpdir(), 'kv-integration-faults-')) }) },
];

/** A server, and a client that sees it through a proxy. */
export interface Scene {
  readonly proxy: FaultProxy;
  /** The store through the proxy, without patience. */
  readonly store: KeyValueStoreBackend;
  /** The store of another client, without anything in between. */
  readonly direct: KeyValueStoreBackend;
}

/** Plays a scene over a backend, which is gone afterwards. */
export async function withScene(
  backend: StorageBackend,
  run: (scene: Scene) => Promise<void>,
  options: CloudBackendOptions = {},
): Promise<void> {
  const server = await startServer(backend);
  await using proxy = await FaultProxy.start(server.url);
  await using near = await connect(server.url);
  await using far = await connect(proxy.url, { maxRetries: 2, retryDelayMillis: 10, ...options });
  const direct = await near.openKeyValueStore({ name: 'records' });
  await run({ proxy, store: await far.openKeyValueStore({ name: 'records' }), direct });
  await server.close();
  if (backend.name === 'fs') rmSync(backend.location, { recursive: true, force: true });
}

export async function put(store: KeyValueStoreBackend, key: string, text: string): Promise<void> {
  await store.setRecord({ key, value: new TextEncoder().encode(text), contentType: TEXT });
}

export async function get(store: KeyValueStoreBackend, key: string): Promise<string | undefined> {
  const record = await store.getRecord(key);
  return record && new TextDecoder().decode(record.value);
}

export async function errorOf(operation: Promise<unknown>): Promise<unknown> {
  return operation.then(
    () => expect.unreachable('it succeeded'),
    (error: unknown) => error,
  );
}
