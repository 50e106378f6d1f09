import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { KvError } from '@kv/core';
import { createBackend } from '@kv/fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { adoptDirectories } from '../src/bin/adopt-directories.js';
import { serve } from './serve.js';

let dir: string;
beforeEach(() => void (dir = mkdtempSync(join(tmpdir(), 'kv-server-adopt-'))));
afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** Runs an Actor on the directory as a developer does. */
async function runActor(mode: 'write' | 'read'): Promise<unknown> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'fixtures/local-actor.ts'), mode], {
    env: {
      PATH: process.env['PATH'],
      CRAWLEE_STORAGE_DIR: dir,
      APIFY_LOCAL_STORAGE_DIR: dir,
      CRAWLEE_PURGE_ON_START: '0',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [output] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return JSON.parse(/RESULT (.*)/.exec(output)?.[1] ?? 'null');
}

async function adopt(backend = createBackend({ dir })): Promise<string[]> {
  const lines: string[] = [];
  await adoptDirectories(backend, (line) => void lines.push(line));
  return lines;
}

function place(name: string, ...files: string[]): string {
  const path = join(dir, 'key_value_stores', name);
  mkdirSync(path, { recursive: true });
  for (const file of files) writeFileSync(join(path, file), 'x');
  return path;
}

describe("stores of Apify's SDK 3 for JavaScript", () => {
  it('are served as they are, and stay what that SDK can read', { timeout: 60_000 }, async () => {
    expect(await runActor('write')).toMatchObject({ output: { a: 1 }, keys: ['K'], k: 'text' });
    expect(existsSync(join(dir, 'key_value_stores/default/__metadata__.json'))).toBe(false);
    const files = readdirSync(join(dir, 'key_value_stores'));
    const backend = createBackend({ dir });
    expect(await adopt(backend)).toEqual([]);
    expect(readdirSync(join(dir, 'key_value_stores'))).toEqual(files);
    await using server = await serve(backend);
    const { items } = await server.json('GET', '/v2/key-value-stores?unnamed=1');
    expect(items).toMatchObject([{ id: 'default', name: null }, { name: 'named-one' }]);
    const stores = '/v2/key-value-stores';
    expect(await (await server.request(`${stores}/default/records/OUTPUT`)).json()).toEqual({ a: 1 });
    expect((await server.request(`${stores}/default/records/pic`)).headers.get('content-type')).toBe('image/png');
    expect(await (await server.request(`${stores}/~named-one/records/K`)).text()).toBe('text');
    const put = { method: 'PUT', body: '{"b":2}', headers: { 'content-type': 'application/json' } };
    expect((await server.request(`${stores}/~named-one/records/added`, put)).status).toBe(201);
    expect(await runActor('read')).toEqual({ output: { a: 1 }, keys: ['added', 'K'], k: 'text', added: { b: 2 } });
  });
});

describe('a directory without metadata', () => {
  it('is no matter where there is none', async () => {
    expect(await adopt()).toEqual([]);
    expect(readdirSync(dir)).toEqual([]);
  });

  it('is told of and left as it is when its name is no name, or is that of another', async () => {
    const backend = createBackend({ dir });
    await backend.openKeyValueStore({ name: 'taken' });
    const stores = join(dir, 'key_value_stores');
    renameSync(
      join(stores, 'taken'),
      join(stores, `taken~name-${createHash('sha256').update('taken').digest('hex').slice(0, 8)}`),
    );
    for (const name of ['my_store', 'Default', 'taken', '.hidden']) place(name, 'a.txt');
    const before = readdirSync(stores, { recursive: true });
    const lines = await adopt(backend);
    expect(lines.toSorted()).toEqual([
      expect.stringMatching(/Default is not served\. Another store has its name/),
      expect.stringMatching(/my_store is not served\. .*"my_store"/),
      expect.stringMatching(/taken is not served\. Another store has its name/),
    ]);
    expect(readdirSync(stores, { recursive: true })).toEqual(before);
    await backend.close();
  });

  it('stays as it is where nothing may be written', async () => {
    const path = place('named', 'a.txt');
    const backend = createBackend({ dir });
    const denied = new KvError('KV_ACCESS_DENIED', 'You may not.', { details: {} });
    backend.openKeyValueStore = () => Promise.reject(denied);
    expect(await adopt(backend)).toEqual([`The directory ${path} is not served. You may not.`]);
    expect(readdirSync(path)).toEqual(['a.txt']);
  });
});
