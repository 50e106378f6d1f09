import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createBackend } from '@kv/fs';
import { describe, expect, it } from 'vitest';
import { chooseBackend } from '../src/backend/choose-backend.js';
import { Actor, Configuration, KeyValueStore } from '../src/index.js';
import { catchLog, runProgram, setEnv, tempDir } from './helpers.js';

describe('chooseBackend', () => {
  const STRONGEST_FIRST: readonly (readonly [Record<string, string>, string, string])[] = [
    [{ KV_BACKEND: 'memory' }, '@kv/memory', 'KV_BACKEND is set'],
    [{ APIFY_IS_AT_HOME: '1' }, '@kv/cloud', 'APIFY_IS_AT_HOME is set'],
    [{ CRAWLEE_PERSIST_STORAGE: '0' }, '@kv/memory', 'CRAWLEE_PERSIST_STORAGE is off'],
    [{ APIFY_LOCAL_STORAGE_DIR: '/data' }, '@kv/fs', 'APIFY_LOCAL_STORAGE_DIR is set'],
    [{ CRAWLEE_STORAGE_DIR: '/data' }, '@kv/fs', 'CRAWLEE_STORAGE_DIR is set'],
    [{ APIFY_TOKEN: 'x' }, '@kv/cloud', 'APIFY_TOKEN is set'],
    [{}, '@kv/fs', 'nothing else is configured'],
  ];

  it('takes the strongest of what is set', () => {
    for (const [index, [, packageName, reason]] of STRONGEST_FIRST.entries()) {
      setEnv(Object.assign({}, ...STRONGEST_FIRST.slice(index).map(([env]) => env)) as Record<string, string>);
      expect(chooseBackend(new Configuration(), false)).toMatchObject({ packageName, reason });
    }
  });

  it('takes the cloud when it is forced, whatever but KV_BACKEND is set', () => {
    setEnv({ APIFY_LOCAL_STORAGE_DIR: '/data' });
    expect(chooseBackend(new Configuration(), true)).toMatchObject({
      packageName: '@kv/cloud',
      reason: 'forceCloud is set',
    });
    setEnv({ KV_BACKEND: 'fs' });
    expect(chooseBackend(new Configuration(), true)).toMatchObject({ packageName: '@kv/fs' });
  });

  it('takes a package name as it is, and passes what is configured on', () => {
    setEnv({ KV_BACKEND: '@acme/kv-redis', APIFY_TOKEN: 't', ACTOR_DEFAULT_KEY_VALUE_STORE_ID: 'abc' });
    expect(chooseBackend(new Configuration({ storageDir: './here' }), false)).toEqual({
      packageName: '@acme/kv-redis',
      reason: 'KV_BACKEND is set',
      options: {
        dir: './here',
        token: 't',
        tokenSource: 'APIFY_TOKEN',
        apiBaseUrl: 'https://api.apify.com',
        apiPublicBaseUrl: 'https://api.apify.com',
        defaultKeyValueStoreId: 'abc',
      },
    });
    expect(chooseBackend(new Configuration({ backend: 'fs' }), false).reason).toBe('the option backend is set');
  });

  it('links to the API that is called, unless another is configured', () => {
    setEnv({ APIFY_API_BASE_URL: 'http://localhost:3000' });
    expect(chooseBackend(new Configuration({ token: 't' }), false).options).toMatchObject({
      tokenSource: 'the option token',
      apiBaseUrl: 'http://localhost:3000',
      apiPublicBaseUrl: 'http://localhost:3000',
    });
    setEnv({ APIFY_API_BASE_URL: 'http://localhost:3000', APIFY_API_PUBLIC_BASE_URL: 'https://public.example' });
    expect(chooseBackend(new Configuration(), true).options).toMatchObject({
      tokenSource: undefined,
      apiBaseUrl: 'http://localhost:3000',
      apiPublicBaseUrl: 'https://public.example',
    });
  });
});

describe('opening', () => {
  it('says once which backend was chosen, where it is, and why', async () => {
    const dir = tempDir();
    setEnv({ APIFY_LOCAL_STORAGE_DIR: dir });
    const log = catchLog();
    const config = new Configuration();
    await KeyValueStore.open(null, { config });
    await KeyValueStore.open('other', { config });
    expect(log.mock.calls).toEqual([
      [`kv: key-value stores are in ${dir} (@kv/fs), because APIFY_LOCAL_STORAGE_DIR is set.`],
    ]);
  });

  it('says which package to install, and redirects nothing', async () => {
    for (const [env, packageName, reason] of [
      [{ KV_BACKEND: 'postgres' }, '@kv/postgres', 'KV_BACKEND is set'],
      [{ KV_BACKEND: 'kv-nowhere' }, 'kv-nowhere', 'KV_BACKEND is set'],
    ] as const) {
      setEnv(env);
      const opening = KeyValueStore.open(null, { config: new Configuration() });
      await expect(opening).rejects.toMatchObject({
        code: 'KV_BACKEND_NOT_INSTALLED',
        message: expect.stringContaining(
          `The package ${packageName} is needed, because ${reason}, but it is not installed. Run: npm install ${packageName}.`,
        ),
      });
    }
  });

  it('keeps the data in memory with KV_BACKEND=memory', async () => {
    const dir = tempDir();
    const source = `
      await Actor.init();
      await Actor.setValue('k', { a: 1 });
      console.log(JSON.stringify(await Actor.getValue('k')));
      await Actor.exit();`;
    const result = await runProgram(source, { dir, env: { KV_BACKEND: 'memory' } });
    expect(result).toMatchObject({ code: 0, stdout: '{"a":1}\n' });
    expect(result.stderr).toContain('(@kv/memory), because KV_BACKEND is set.');
    expect(existsSync(join(dir, 'storage'))).toBe(false);
  });

  it('keeps the data in memory when storage is not to be persisted, whatever directory is set', async () => {
    const dir = tempDir();
    const source = `
      const config = new Configuration();
      await KeyValueStore.setValue('k', 1);
      console.log(await KeyValueStore.getValue('k'), config.sourceOf('persistStorage'));`;
    const env = { CRAWLEE_PERSIST_STORAGE: 'false', APIFY_LOCAL_STORAGE_DIR: join(dir, 'data'), APIFY_TOKEN: 'x' };
    const result = await runProgram(source, { dir, env });
    expect(result).toMatchObject({ code: 0, stdout: '1 CRAWLEE_PERSIST_STORAGE\n' });
    expect(result.stderr).toContain(
      'kv: key-value stores are in memory (@kv/memory), because CRAWLEE_PERSIST_STORAGE is off.',
    );
    expect(existsSync(join(dir, 'data'))).toBe(false);
    expect(chooseBackend(new Configuration({ persistStorage: false }), false).reason).toBe(
      'the option persistStorage is off',
    );
  });

  it('says which package to install when @kv/memory is missing', () => {
    const dir = tempDir();
    const modules = join(dir, 'node_modules', '@kv');
    mkdirSync(modules, { recursive: true });
    const packageDir = join(import.meta.dirname, '..');
    cpSync(join(packageDir, 'dist'), join(modules, 'sdk', 'dist'), { recursive: true });
    cpSync(join(packageDir, 'package.json'), join(modules, 'sdk', 'package.json'));
    symlinkSync(join(packageDir, '../core'), join(modules, 'core'));
    writeFileSync(
      join(dir, 'program.mjs'),
      `import { KeyValueStore } from '@kv/sdk';
      await KeyValueStore.open().catch((error) => console.log(error.code, error.message));`,
    );
    const env = { PATH: process.env['PATH'], KV_PERSIST_STORAGE: '0' };
    const stdout = execFileSync(process.execPath, ['program.mjs'], { cwd: dir, env, encoding: 'utf8' });
    expect(stdout).toBe(
      'KV_BACKEND_NOT_INSTALLED The package @kv/memory is needed, because KV_PERSIST_STORAGE is off, but it is not installed. Run: npm install @kv/memory.\n',
    );
  });

  it('finds a backend of a third party in the project that the program runs in', async () => {
    const dir = tempDir();
    const backend = join(dir, 'node_modules', 'kv-theirs');
    mkdirSync(backend, { recursive: true });
    const fs = new URL('../../fs/dist/index.js', import.meta.url).href;
    writeFileSync(join(backend, 'package.json'), '{"name":"kv-theirs","type":"module","exports":"./index.js"}');
    writeFileSync(join(backend, 'index.js'), `export { createBackend } from ${JSON.stringify(fs)};`);
    const source = `await KeyValueStore.setValue('k', 1); console.log(await KeyValueStore.getValue('k'));`;
    const result = await runProgram(source, { dir, env: { KV_BACKEND: 'kv-theirs' } });
    expect(result).toMatchObject({ code: 0, stdout: '1\n' });
    expect(result.stderr).toContain('(kv-theirs), because KV_BACKEND is set.');

    writeFileSync(join(backend, 'index.js'), 'export const nothing = 1;');
    const failing = await runProgram(source, { dir, env: { KV_BACKEND: 'kv-theirs' } });
    expect(failing.stderr).toContain(
      'The package kv-theirs cannot be used as a kv backend: it exports no function createBackend.',
    );
    expect(failing.code).toBe(1);

    writeFileSync(
      join(backend, 'package.json'),
      '{"name":"kv-theirs","type":"module","exports":{"import":"./index.js"}}',
    );
    const hidden = await runProgram(source, { dir, env: { KV_BACKEND: 'kv-theirs' } });
    expect(hidden.stderr).toContain('its "exports" have no "default" condition');
  });

  it('does not take a local backend for the cloud that is forced', async () => {
    const server = createServer((_request, response) => void response.writeHead(401).end('{}'));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    setEnv({ APIFY_API_BASE_URL: url, APIFY_TOKEN: 'x' });
    const log = catchLog();
    const actor = new Actor({ storageDir: tempDir() });
    await actor.init();
    await expect(actor.openKeyValueStore('cloudy', { forceCloud: true })).rejects.toMatchObject({
      code: 'KV_ACCESS_DENIED',
      message: expect.stringContaining('The token of APIFY_TOKEN is not one of its tokens'),
    });
    expect(log.mock.lastCall).toEqual([`kv: key-value stores are in ${url} (@kv/cloud), because forceCloud is set.`]);
    await actor.exit({ exit: false });
    server.close();
    server.closeAllConnections();
  });

  it.each([
    ['path', 'it is a module of Node'],
    ['node:fs', 'it is a module of Node'],
  ])('refuses KV_BACKEND=%s', async (name, problem) => {
    setEnv({ KV_BACKEND: name });
    await expect(KeyValueStore.open(null, { config: new Configuration() })).rejects.toMatchObject({
      code: 'KV_BACKEND_INVALID',
      message: expect.stringContaining(problem),
    });
  });

  it('reads the short names in any case', () => {
    setEnv({ KV_BACKEND: 'FS' });
    expect(chooseBackend(new Configuration(), false).packageName).toBe('@kv/fs');
  });

  it('can be initialised again after the place was mended', async () => {
    setEnv();
    catchLog();
    const dir = join(tempDir(), 'storage');
    writeFileSync(dir, 'a file');
    const backend = createBackend({ dir });
    const actor = new Actor({ inputKey: 'IN' });
    await expect(actor.init({ backend })).rejects.toMatchObject({ code: 'KV_STORAGE_CORRUPT' });
    rmSync(dir);
    await actor.init({ backend });
    await actor.setValue('k', 1);
    expect(await actor.getValue('k')).toBe(1);
    await actor.exit({ exit: false });
  });

  it('takes a backend that is passed in', async () => {
    setEnv({ KV_BACKEND: 'cloud' });
    const log = catchLog();
    const backend = createBackend({ dir: tempDir() });
    const actor = new Actor({ inputKey: 'IN' });
    await actor.init({ backend });
    await actor.setValue('IN', 1);
    expect(await actor.getInput()).toBe(1);
    expect((await actor.openKeyValueStore('default', { forceCloud: true })).id).toBe('default');
    expect(log.mock.calls[0]?.[0]).toContain('because it was passed to Actor.init().');
    const direct = await KeyValueStore.open({ name: 'x' }, { backend });
    expect(await backend.findKeyValueStore({ name: 'x' })).toMatchObject({ id: direct.id });
    await actor.exit({ exit: false });
  });

  it('refuses a backend that comes too late', async () => {
    setEnv();
    catchLog();
    const actor = new Actor({ storageDir: tempDir() });
    await actor.setValue('k', 1);
    await expect(actor.init({ backend: createBackend({ dir: tempDir() }) })).rejects.toThrow('comes too late');
  });

  it('tries again after the environment was mended', async () => {
    setEnv({ KV_BACKEND: 'postgres' });
    catchLog();
    const config = new Configuration();
    await expect(KeyValueStore.open(null, { config })).rejects.toMatchObject({ code: 'KV_BACKEND_NOT_INSTALLED' });
    setEnv({ APIFY_LOCAL_STORAGE_DIR: tempDir() });
    expect((await KeyValueStore.open(null, { config })).id).toBe('default');
  });
});
