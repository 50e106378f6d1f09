import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { StorageBackend, StorageRef } from '@kv/core';
import { createBackend } from '@kv/fs';
import { describe, expect, it } from 'vitest';
import { Configuration, KeyValueStore } from '../src/index.js';
import { openStore, tempDir } from './helpers.js';

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
    expect(await store.keys({ prefix: 'u' })).toEqual(['user', 'users', 'users2']);
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
    await store.purge();
    expect(await store.keys()).toEqual(['INPUT', 'MY_IN']);
    await store.drop();
    await expect(store.getValue('a')).rejects.toMatchObject({ code: 'KV_STORAGE_NOT_FOUND' });
    const again = await KeyValueStore.open('x', { config });
    expect(again).not.toBe(store);
    expect(await again.keys()).toEqual([]);
  });

  it('refuses what the backend does not declare', async () => {
    const { config, dir } = await openStore();
    const backend = Object.assign(Object.create(createBackend({ dir })) as StorageBackend, {
      name: 'plain',
      capabilities: { purge: false, publicUrls: false },
      openKeyValueStore: (ref: StorageRef) => createBackend({ dir }).openKeyValueStore(ref),
    });
    const store = await KeyValueStore.open(null, { config, backend });
    const message = 'The backend plain has no publicUrls. Use another backend for this.';
    await expect(store.getPublicUrl('k')).rejects.toMatchObject({ code: 'KV_NOT_SUPPORTED', message });
    await expect(store.purge()).rejects.toMatchObject({ code: 'KV_NOT_SUPPORTED' });
  });

  it('saves and lets go at the end of await using', async () => {
    const { config } = await openStore();
    let first: KeyValueStore;
    {
      await using store = await KeyValueStore.open('x', { config });
      first = store;
      const state = await store.getAutoSavedValue<{ n?: number }>('S');
      state.n = 1;
    }
    const second = await KeyValueStore.open('x', { config });
    expect(second).not.toBe(first);
    expect(await second.getValue('S')).toEqual({ n: 1 });
  });
});

describe('purge on start', () => {
  const files = (dir: string): string[] => readdirSync(join(dir, 'key_value_stores', 'default')).toSorted();

  it('empties default and alias stores before the first use, once, and says so', async () => {
    const { dir, store, config } = await openStore();
    const alias = await KeyValueStore.open({ alias: 'scratch' }, { config });
    const named = await KeyValueStore.open('kept', { config });
    for (const opened of [store, alias, named]) {
      for (const key of ['INPUT', 'OUTPUT', 'a']) await opened.setValue(key, key);
    }
    const { vi } = await import('vitest');
    const log = vi.mocked(console.error);
    log.mockClear();
    const next = new Configuration({ storageDir: dir });
    const opened = await Promise.all(
      [undefined, { alias: 'scratch' }, 'kept'].map((id) => KeyValueStore.open(id, { config: next })),
    );
    expect(await Promise.all(opened.map((one) => one.keys()))).toEqual([
      ['INPUT'],
      ['INPUT'],
      ['INPUT', 'OUTPUT', 'a'],
    ]);
    expect(log.mock.calls.map(([line]) => line)).toEqual([
      `kv: key-value stores are in ${dir} (@kv/fs), because the option storageDir is set.`,
      'kv: purged what the last run left in default (2 records removed, the input kept), scratch (2 records removed, the input kept). Set KV_PURGE_ON_START=0 to keep it.',
    ]);
    await opened[0]?.setValue('new', 1);
    await KeyValueStore.open({ alias: 'later' }, { config: next });
    expect(await opened[0]?.keys()).toEqual(['INPUT', 'new']);
  });

  it('keeps everything when it is switched off, and the configured input key when not', async () => {
    const { dir, store } = await openStore();
    for (const key of ['INPUT', 'MY_IN', 'a']) await store.setValue(key, 1);
    const keep = new Configuration({ storageDir: dir, purgeOnStart: false });
    expect(await (await KeyValueStore.open(null, { config: keep })).keys()).toEqual(['INPUT', 'MY_IN', 'a']);
    const purge = new Configuration({ storageDir: dir, inputKey: 'MY_IN' });
    expect(await (await KeyValueStore.open(null, { config: purge })).keys()).toEqual(['INPUT', 'MY_IN']);
    expect(files(dir)).toEqual(['INPUT.json', 'MY_IN.json', '__metadata__.json']);
    expect(readFileSync(join(dir, 'key_value_stores', 'default', 'INPUT.json'), 'utf8')).toBe('1');
  });
});
