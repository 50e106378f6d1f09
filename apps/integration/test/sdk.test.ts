import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KeyValueStoreBackend } from '@kv/core';
import { createBackend as createMemoryBackend } from '@kv/memory';
import { expect, it, onTestFinished } from 'vitest';
import { runProgram } from './run-program.js';
import type { ProgramRun } from './run-program.js';
import { connect, startServer, TOKEN } from './start-server.js';

const ACTOR = join(import.meta.dirname, 'fixtures/actor.ts');
const EXAMPLE_ACTOR = join(import.meta.dirname, '../../example-actor/src/main.ts');

interface Place {
  readonly url: string;
  /** The default store of the run. */
  readonly store: KeyValueStoreBackend;
  readonly dir: string;
  readonly run: (program: string, env: Readonly<Record<string, string>>) => Promise<ProgramRun>;
}

/** Starts a server with a store that is to be the default one. */
async function openPlace(input: unknown): Promise<Place> {
  const { url, close } = await startServer(createMemoryBackend());
  const dir = mkdtempSync(join(tmpdir(), 'kv-integration-sdk-'));
  const backend = await connect(url);
  onTestFinished(async () => {
    await backend.close();
    await close();
    rmSync(dir, { recursive: true, force: true });
  });
  const store = await backend.openKeyValueStore({ name: 'of-the-run' });
  const value = new TextEncoder().encode(JSON.stringify(input));
  await store.setRecord({ key: 'INPUT', value, contentType: 'application/json; charset=utf-8' });
  const run: Place['run'] = (program, env) =>
    runProgram(program, dir, { APIFY_API_BASE_URL: url, APIFY_TOKEN: TOKEN, ...env });
  return { url, store, dir, run };
}

async function read(store: KeyValueStoreBackend, key: string): Promise<Record<string, unknown>> {
  const record = await store.getRecord(key);
  expect(record?.contentType).toBe('application/json; charset=utf-8');
  return JSON.parse(new TextDecoder().decode(record?.value)) as Record<string, unknown>;
}

it('runs an actor as on the platform, with the default store of the run', async () => {
  const { url, store, dir, run } = await openPlace({ name: 'Ada' });
  const env = { APIFY_IS_AT_HOME: '1', ACTOR_DEFAULT_KEY_VALUE_STORE_ID: store.id };
  const { code, stderr } = await run(ACTOR, env);
  expect({ code, stderr }).toEqual({
    code: 0,
    stderr: `kv: key-value stores are in ${url} (@kv/cloud), because APIFY_IS_AT_HOME is set.\n`,
  });
  const output = await read(store, 'OUTPUT');
  expect(output).toMatchObject({
    text: 'Hello, Ada',
    bytes: [1, 2, 3],
    stream: 'from a stream',
    gone: 'nothing',
    id: store.id,
    sameNamed: true,
    purged: ['INPUT'],
    keys: ['INPUT', '__STORAGE_ALIASES_MAPPING', 'bytes', 'stream', 'text'],
    opened: 'Hello, Ada',
  });
  expect(output['url']).toMatch(`${url}/v2/key-value-stores/${store.id}/records/text?signature=`);
  expect(await read(store, 'STATE')).toEqual({ runs: 1 });
  expect(existsSync(join(dir, 'storage'))).toBe(false);

  // The run is started again, as after a move to another machine: nothing is purged, and all stores are the same.
  expect((await run(ACTOR, env)).code).toBe(0);
  const { namedId, scratchId } = output;
  expect(await read(store, 'OUTPUT')).toMatchObject({ namedId, scratchId });
  expect(await read(store, 'STATE')).toEqual({ runs: 2 });
});

it('runs an actor because of a token, with a default store that every process finds', async () => {
  const { url, run } = await openPlace({});
  const { code, stderr } = await run(ACTOR, {});
  expect({ code, stderr }).toEqual({
    code: 0,
    stderr: `kv: key-value stores are in ${url} (@kv/cloud), because APIFY_TOKEN is set.\n`,
  });
  await using backend = await connect(url);
  const store = await backend.openKeyValueStore({});
  expect(await read(store, 'OUTPUT')).toMatchObject({ text: 'Hello, undefined', id: store.id });
  expect(await (await backend.openKeyValueStore({ alias: 'scratch' })).getRecord('key')).toBeDefined();
});

it('says which variable held the token that was refused, and exits with 91', async () => {
  const { run } = await openPlace({});
  const { code, stderr } = await run(ACTOR, { APIFY_TOKEN: 'of-somebody-else' });
  expect(code).toBe(91);
  expect(stderr).toContain('KV_ACCESS_DENIED');
  expect(stderr).toContain('The token of APIFY_TOKEN is not one of its tokens');
  expect(stderr).not.toContain('of-somebody-else');
});

it('runs the example actor unchanged, and its report opens', async () => {
  const site = createServer((request, response) => {
    const links = request.url === '/' ? '<a href="/one">One</a> <a href="/missing">Missing</a>' : '';
    response.statusCode = request.url === '/missing' ? 404 : 200;
    response.setHeader('content-type', 'text/html').end(`<title>${request.url}</title>${links}`);
  });
  await new Promise<void>((listening) => void site.listen(0, '127.0.0.1', listening));
  onTestFinished(() => void site.close());
  const startUrl = `http://127.0.0.1:${(site.address() as AddressInfo).port}/`;
  const { store, dir, run } = await openPlace({ startUrls: [startUrl] });
  const { code, stderr } = await run(EXAMPLE_ACTOR, {
    APIFY_IS_AT_HOME: '1',
    ACTOR_DEFAULT_KEY_VALUE_STORE_ID: store.id,
  });
  expect({ code, stderr }).toMatchObject({ code: 0 });
  expect(await read(store, 'OUTPUT')).toMatchObject({ pages: 3, brokenLinks: [expect.anything()] });
  const report = await fetch((await store.getPublicUrl('REPORT')) ?? '');
  expect([report.status, report.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
  expect(await report.text()).toContain(startUrl);
  expect(existsSync(join(dir, 'storage'))).toBe(false);
});
