import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { StorageBackend } from '@kv/core';
import { createBackend } from '@kv/fs';
import { createBackend as createMemoryBackend } from '@kv/memory';
import { describe, expect, it, vi } from 'vitest';
import { Actor, KeyValueStore } from '../src/index.js';
import { catchLog, openStore, runProgram, setEnv, tempDir } from './helpers.js';

describe('open', () => {
  it('opens the default store for nothing, null, an empty string and {}', async () => {
    const { store, config } = await openStore();
    for (const identifier of [undefined, null, '', {}, 'default', { id: 'default' }]) {
      expect(await KeyValueStore.open(identifier, { config })).toBe(store);
    }
    expect(store.id).toBe('default');
  });

  it('takes a string for an id, and else for a name', async () => {
    const { config } = await openStore();
    const named = await KeyValueStore.open('my-store', { config });
    expect(named.name).toBe('my-store');
    expect(await KeyValueStore.open(named.id, { config })).toBe(named);
    expect(await KeyValueStore.open({ name: 'my-store' }, { config })).toBe(named);
    expect(await KeyValueStore.open({ id: named.id }, { config })).toBe(named);
  });

  it('insists on an id that is given as one', async () => {
    const { config, dir } = await openStore();
    await expect(KeyValueStore.open({ id: 'nope123' }, { config })).rejects.toMatchObject({
      code: 'KV_STORAGE_NOT_FOUND',
    });
    expect(existsSync(join(dir, 'key_value_stores', 'nope123'))).toBe(false);
  });

  it('gives one object to all who open a store at once', async () => {
    const { config } = await openStore();
    const opened = await Promise.all(
      ['new', 'new', { name: 'new' }].map((identifier) => KeyValueStore.open(identifier, { config })),
    );
    expect(new Set(opened).size).toBe(1);
  });

  it('opens by alias, apart from the name', async () => {
    const { config } = await openStore();
    const alias = await KeyValueStore.open({ alias: 'x' }, { config });
    expect(alias.name).toBeUndefined();
    expect((await KeyValueStore.open({ name: 'x' }, { config })).id).not.toBe(alias.id);
  });

  it('refuses what is no identifier', async () => {
    const { config } = await openStore();
    await expect(KeyValueStore.open({ id: 'a', name: 'b' }, { config })).rejects.toThrow(TypeError);
    await expect(KeyValueStore.open(5 as never, { config })).rejects.toThrow(TypeError);
    await expect(KeyValueStore.open('not a name', { config })).rejects.toMatchObject({ code: 'KV_NAME_INVALID' });
  });

  it('is the only way to a store', () => {
    expect(() => new (KeyValueStore as unknown as new () => unknown)()).toThrow(
      'Use KeyValueStore.open() or Actor.openKeyValueStore().',
    );
  });
});

describe('values', () => {
  it('reads and deletes what it stores, and gives the default or null for what is absent', async () => {
    const { store } = await openStore();
    expect(await store.getValue('k')).toBeNull();
    expect(await store.getValue('k', 'default')).toBe('default');
    await store.setValue('k', { a: [1] });
    expect(await store.getValue('k', 'default')).toEqual({ a: [1] });
    expect(await store.recordExists('k')).toBe(true);
    await store.setValue('k', null);
    expect(await store.recordExists('k')).toBe(false);
    await store.setValue('k', 'text');
    await store.deleteValue('k');
    await store.deleteValue('k');
    expect(await store.getValue('k')).toBeNull();
  });

  it('tells a stored null from nothing', async () => {
    const { store } = await openStore();
    await store.setValue('k', 'null', { contentType: 'application/json' });
    expect(await store.getValue('k', 'default')).toBeNull();
    await store.setValue('empty', '');
    expect(await store.getValue('empty', 'default')).toBe('');
  });

  it('reads bytes as a Buffer, and any record as it is stored', async () => {
    const { store, dir } = await openStore();
    await store.setValue('k', new Uint8Array([1, 2]), { contentType: 'image/png' });
    expect(await store.getValue('k')).toEqual(Buffer.from([1, 2]));
    await store.setValue('json', '{ "raw": true }', { contentType: 'application/json' });
    const record = await store.getRecord('json');
    expect(record).toMatchObject({ key: 'json', contentType: 'application/json' });
    expect(Buffer.from(record?.value ?? []).toString()).toBe('{ "raw": true }');
    expect(record?.location).toContain(dir);
    expect(await store.getRecord('nothing')).toBeNull();
  });

  it('streams in and out', async () => {
    const { store } = await openStore();
    await store.setValue('k', new Blob(['x'.repeat(300_000)]).stream(), { contentType: 'text/plain' });
    expect(await text((await store.getStream('k')) as ReadableStream)).toBe('x'.repeat(300_000));
    expect(await store.getStream('nothing')).toBeNull();
  });

  it('writes the values of a key in the order of the calls', async () => {
    const { store } = await openStore();
    const slow = store.setValue('k', new Blob(['x'.repeat(2_000_000)]));
    await store.setValue('k', 'small');
    await slow;
    expect(await store.getValue('k')).toBe('small');
    const later = store.setValue('k', new Blob(['x'.repeat(2_000_000)]));
    await store.setValue('k', null);
    await later;
    expect(await store.getValue('k')).toBeNull();
  });

  it('takes any time-out, also for ever', async () => {
    const { store } = await openStore();
    for (const timeoutSecs of [Number.POSITIVE_INFINITY, 1e10, 5]) await store.setValue('k', 1, { timeoutSecs });
    await expect(store.setValue('k', 1, { timeoutSecs: -1 })).rejects.toThrow(RangeError);
  });

  it('gives a write up after its time', async () => {
    const { store } = await openStore();
    const stalled = new ReadableStream({ pull: () => new Promise(() => undefined) });
    const write = store.setValue('k', stalled, { timeoutSecs: 0.05 });
    await expect(write).rejects.toMatchObject({ name: 'TimeoutError' });
    expect(await store.recordExists('k')).toBe(false);
  });

  it('refuses values and keys that cannot be stored', async () => {
    const { store } = await openStore();
    await expect(store.setValue('k', undefined)).rejects.toThrow('Pass null to delete the record');
    await expect(store.setValue('k', { a: 1n })).rejects.toMatchObject({ code: 'KV_VALUE_INVALID' });
    await expect(store.setValue('k', { a: 1 }, { contentType: 'text/plain' })).rejects.toThrow(TypeError);
    await expect(store.setValue('a/b', 1)).rejects.toMatchObject({ code: 'KV_KEY_INVALID' });
    await expect(store.getValue('')).rejects.toMatchObject({ code: 'KV_KEY_INVALID' });
  });

  it('names file, line and column of broken JSON, and still hands out its bytes', async () => {
    const { store, dir } = await openStore();
    const path = join(dir, 'key_value_stores', 'default', 'INPUT.json');
    writeFileSync(path, '{\n  "startUrls": [\n    "a"\n    "b"\n  ]\n}\n');
    await expect(store.getValue('INPUT')).rejects.toMatchObject({
      code: 'KV_RECORD_CORRUPT',
      message: expect.stringContaining(`found "\\"" where "," or "]" should stand at line 4, column 5 of ${path}`),
    });
    expect((await store.getRecord('INPUT'))?.value.length).toBe(41);
  });

  it('works on the default store by static methods', async () => {
    await openStore();
    process.env['APIFY_LOCAL_STORAGE_DIR'] = tempDir();
    await KeyValueStore.setValue('k', 1);
    expect(await KeyValueStore.getValue('k')).toBe(1);
    expect(await KeyValueStore.getValue('nothing', 2)).toBe(2);
    expect(await KeyValueStore.recordExists('k')).toBe(true);
    expect(await KeyValueStore.recordExists('nothing')).toBe(false);
  });
});

describe('iteration', () => {
  async function filled(): Promise<KeyValueStore> {
    const { store } = await openStore();
    for (const key of ['b', 'a', 'users', 'users2', 'user']) await store.setValue(key, `value of ${key}`);
    return store;
  }

  it('walks through keys and sizes, ascending, with prefix, cursor and limit', async () => {
    const store = await filled();
    expect(await Array.fromAsync(store.iterateKeys())).toEqual(
      ['a', 'b', 'user', 'users', 'users2'].map((key) => [key, { size: `value of ${key}`.length }]),
    );
    const keys = async (options: object): Promise<string[]> =>
      (await Array.fromAsync(store.iterateKeys(options))).map(([key]) => key);
    expect(await keys({ prefix: 'users' })).toEqual(['users', 'users2']);
    expect(await keys({ exclusiveStartKey: 'b', limit: 2 })).toEqual(['user', 'users']);
    expect(await keys({ limit: 0 })).toEqual([]);
    await expect(keys({ limit: -1 })).rejects.toThrow(RangeError);
    await expect(keys({ prefix: 'a/' })).rejects.toMatchObject({ code: 'KV_KEY_INVALID' });
  });

  it('takes limit for the total, beyond one page', async () => {
    const { store, dir } = await openStore();
    const path = join(dir, 'key_value_stores', 'default');
    for (let index = 0; index < 2500; index += 1) writeFileSync(join(path, `k${index}.json`), '1');
    expect((await Array.fromAsync(store.iterateKeys())).length).toBe(2500);
    expect((await Array.fromAsync(store.iterateKeys({ limit: 1234 }))).length).toBe(1234);
    expect((await store.keys({ exclusiveStartKey: 'k0' })).length).toBe(2499);
  });

  it('gives keys, values and entries one by one or all at once', async () => {
    const store = await filled();
    const keys = store.keys({ prefix: 'u' });
    expect([await keys, await keys]).toEqual([
      ['user', 'users', 'users2'],
      ['user', 'users', 'users2'],
    ]);
    expect(await store.values({ limit: 1 })).toEqual(['value of a']);
    expect(await store.entries({ prefix: 'b' })).toEqual([['b', 'value of b']]);
    const seen = [];
    for await (const key of store.keys()) seen.push(key);
    for await (const value of store.values({ limit: 1 })) seen.push(value);
    for await (const [key] of store) seen.push(key);
    expect(seen).toEqual(['a', 'b', 'user', 'users', 'users2', 'value of a', 'a', 'b', 'user', 'users', 'users2']);
  });

  it('calls forEachKey with key, index and size, one after the other', async () => {
    const store = await filled();
    const calls: unknown[] = [];
    let running = 0;
    await store.forEachKey(
      async (key, index, { size }) => {
        expect((running += 1)).toBe(1);
        await new Promise((resolve) => setTimeout(resolve, 1));
        running -= 1;
        calls.push([key, index, size]);
      },
      { prefix: 'users' },
    );
    expect(calls).toEqual([
      ['users', 0, 14],
      ['users2', 1, 15],
    ]);
  });

  it('leaves out what is deleted while it walks', async () => {
    const store = await filled();
    const seen: string[] = [];
    for await (const [key] of store.entries()) {
      seen.push(key);
      await store.deleteValue('users');
    }
    expect(seen).toEqual(['a', 'b', 'user', 'users2']);
  });
});

describe('the store itself', () => {
  it('tells what is known of it, and gives the URL of a file that exists', async () => {
    const { store, dir } = await openStore();
    expect(await store.getInfo()).toMatchObject({ id: 'default', createdAt: expect.any(Date) });
    await store.setValue('page', '<p>', { contentType: 'text/html' });
    const url = await store.getPublicUrl('page');
    expect(fileURLToPath(url as string)).toBe(join(dir, 'key_value_stores', 'default', 'page.html'));
    expect(await store.getPublicUrl('nothing')).toBeUndefined();
  });

  it('empties itself but for the input, and can be dropped', async () => {
    const { config } = await openStore({ inputKey: 'MY_IN' });
    const store = await KeyValueStore.open('x', { config });
    for (const key of ['INPUT', 'MY_IN', 'a']) await store.setValue(key, 1);
    const state = await store.getAutoSavedValue<{ n?: number }>('state');
    expect(await store.purge({ dryRun: true })).toMatchObject({ removed: 1, kept: 2, removedKeys: ['a'] });
    state.n = 1;
    await store.saveState();
    expect(await store.keys()).toEqual(['INPUT', 'MY_IN', 'a', 'state']);
    expect(await store.purge()).toMatchObject({ removed: 2, kept: 2 });
    expect(await store.keys()).toEqual(['INPUT', 'MY_IN']);
    await store.drop();
    await expect(store.getValue('a')).rejects.toMatchObject({ code: 'KV_STORAGE_NOT_FOUND' });
    const again = await KeyValueStore.open('x', { config });
    expect(again).not.toBe(store);
    expect(await again.keys()).toEqual([]);
  });

  it('refuses what the backend does not declare', async () => {
    const { config } = await openStore();
    const memory = createMemoryBackend();
    const store = await KeyValueStore.open(null, { config, backend: memory });
    const message = 'The backend memory has no publicUrls. Use another backend for this.';
    await expect(store.getPublicUrl('k')).rejects.toMatchObject({ code: 'KV_NOT_SUPPORTED', message });
  });

  it('purges a store when it is told to, also where the storages of a run are not purged', async () => {
    const { config } = await openStore();
    const plain: StorageBackend = Object.assign(createMemoryBackend(), {
      capabilities: { purge: false, publicUrls: false },
    });
    const store = await KeyValueStore.open(null, { config, backend: plain });
    for (const key of ['INPUT', 'a', 'b']) await store.setValue(key, key);
    await store.purge();
    expect(await store.keys()).toEqual(['INPUT']);
  });

  it('saves at the end of await using, and stays open for others', async () => {
    const { config } = await openStore();
    const first = await KeyValueStore.open('x', { config });
    const state = await first.getAutoSavedValue<{ n?: number }>('S');
    {
      await using store = await KeyValueStore.open('x', { config });
      expect(store).toBe(first);
      state.n = 1;
    }
    expect(await first.getValue('S')).toEqual({ n: 1 });
    state.n = 2;
    await first.saveState();
    expect(await first.getValue('S')).toEqual({ n: 2 });
  });

  it('is made anew after its directory was deleted, or while it is dropped', async () => {
    const { config, dir } = await openStore();
    const store = await KeyValueStore.open('x', { config });
    rmSync(dir, { recursive: true });
    await expect(store.setValue('k', 1)).rejects.toMatchObject({ code: 'KV_STORAGE_NOT_FOUND' });
    const again = await KeyValueStore.open('x', { config });
    await again.setValue('k', 2);
    const dropping = again.drop();
    for (let round = 0; round < 20; round += 1) {
      await KeyValueStore.open('x', { config });
      await Promise.resolve();
    }
    await dropping;
    const last = await KeyValueStore.open('x', { config });
    await last.setValue('k', 3);
    expect(await last.getValue('k')).toBe(3);
  });
});

describe('purge on start', () => {
  const fill = `
    for (const identifier of [null, { alias: 'scratch' }, 'kept']) {
      const store = await KeyValueStore.open(identifier);
      for (const key of ['INPUT', 'OUTPUT', 'MY_IN']) await store.setValue(key, key);
    }`;
  const list = `
    for (const identifier of [null, { alias: 'scratch' }, 'kept']) {
      console.log(JSON.stringify(await (await KeyValueStore.open(identifier)).keys()));
    }`;

  it('empties default and alias stores before the first use, and says so', async () => {
    const dir = tempDir();
    await runProgram(fill, { dir });
    const { stdout, stderr } = await runProgram(list, { dir });
    expect(stdout).toBe('["INPUT"]\n["INPUT"]\n["INPUT","MY_IN","OUTPUT"]\n');
    expect(stderr).toContain(
      'kv: purged what the last run left in default (2 records removed, the input kept), scratch (2 records removed, the input kept). Set KV_PURGE_ON_START=0 to keep it.',
    );
  });

  it.each(['KV', 'APIFY', 'CRAWLEE'])('keeps everything with %s_PURGE_ON_START=0', async (prefix) => {
    const dir = tempDir();
    await runProgram(fill, { dir });
    const { stdout } = await runProgram(list, { dir, env: { [`${prefix}_PURGE_ON_START`]: '0' } });
    expect(stdout).toBe('["INPUT","MY_IN","OUTPUT"]\n'.repeat(3));
  });

  it('keeps the configured input key', async () => {
    const dir = tempDir();
    await runProgram(fill, { dir });
    const { stdout } = await runProgram(list, { dir, env: { ACTOR_INPUT_KEY: 'MY_IN' } });
    expect(stdout).toContain('["INPUT","MY_IN"]\n');
  });

  it('happens once in a process, whatever the number of configurations', async () => {
    const dir = tempDir();
    const source = `
      await Actor.setValue('A', 1);
      await new Actor({ inputKey: 'X' }).getInput();
      await KeyValueStore.open({ alias: 'later' });
      console.log(await Actor.getValue('A'));`;
    expect((await runProgram(source, { dir })).stdout).toBe('1\n');
  });

  it('happens for each backend in memory, which has nothing to do with the others', async () => {
    setEnv();
    const log = catchLog();
    for (const value of ['first', 'second'].map((word) => Buffer.from(word))) {
      const backend = createMemoryBackend();
      const store = await backend.openKeyValueStore({});
      await store.setRecord({ key: 'STATE', value, contentType: 'text/plain' });
      const actor = new Actor({ inputKey: 'INPUT' });
      await actor.init({ backend });
      expect(await actor.getValue('STATE')).toBeNull();
      await actor.exit({ exit: false });
    }
    expect(log.mock.calls.filter(([line]) => String(line).includes('1 record removed'))).toHaveLength(2);
  });

  it('leaves a backend alone that is passed in for one store', async () => {
    const { config } = await openStore();
    const dir = tempDir();
    await (
      await createBackend({ dir }).openKeyValueStore({})
    ).setRecord({ key: 'A', value: Buffer.from('1'), contentType: 'text/plain' });
    const store = await KeyValueStore.open(null, { config, backend: createBackend({ dir }) });
    expect(await store.keys()).toEqual(['A']);
    const lines = vi.mocked(console.error).mock.calls.flat();
    expect(lines).toContain(`kv: key-value stores are in ${dir} (fs), because it was passed to KeyValueStore.open().`);
  });
});
