import * as fs from 'node:fs';
import { mkdirSync, readdirSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { KeyValueStoreBackend } from '@kv/core';
import { createBackend } from '../src/index.js';
import type { FsBackend } from '../src/index.js';
import { get, JSON_TYPE, listAll, openStore, put, rejection, tempDir } from './helpers.js';

const CALLS = ['mkdirSync', 'openSync', 'renameSync', 'linkSync', 'unlinkSync', 'rmdirSync', 'utimesSync'] as const;
const CODES = ['EPERM', 'EACCES', 'EBUSY'] as const;
const LARGE = 'x'.repeat(100_000);

/** Makes the calls from the nth on fail, as many as told, as Windows does while another process has the file. */
function failFrom(nth: number, times: number, code: string = 'EPERM'): { readonly count: () => number; undo(): void } {
  const builtin = process.getBuiltinModule('node:fs') as unknown as Record<string, unknown>;
  const originals = CALLS.map((name) => [name, fs[name]] as const);
  let count = 0;
  for (const [name, original] of originals) {
    builtin[name] = (...args: unknown[]) => {
      // The signs of life of other tests come at any time.
      const isHeartbeat = name === 'utimesSync' && String(args[0]).includes('runs');
      if (!isHeartbeat) count += 1;
      if (!isHeartbeat && count >= nth && count < nth + times) {
        throw Object.assign(new Error(`${code}: injected, ${name}`), { code, syscall: name, path: args[0] });
      }
      return (original as (...parameters: unknown[]) => unknown)(...args);
    };
  }
  syncBuiltinESMExports();
  const undo = (): void => {
    for (const [name, original] of originals) builtin[name] = original;
    syncBuiltinESMExports();
  };
  onTestFinished(undo);
  return { count: () => count, undo };
}

function setPlatform(platform: string): void {
  const spy = vi.spyOn(process, 'platform', 'get').mockReturnValue(platform as NodeJS.Platform);
  onTestFinished(() => spy.mockRestore());
}

interface Site {
  readonly backend: FsBackend;
  readonly store: KeyValueStoreBackend;
}

type Step = (site: Site) => Promise<unknown>;

const setUp: Step = async ({ store }) => {
  await put(store, 'INPUT', '{}');
  await put(store, 'json', '"old"');
  await put(store, 'png', 'old', 'image/png');
  await put(store, 'large', LARGE, 'image/png');
};

const OPERATIONS: readonly (readonly [string, Step])[] = [
  ['a write', async ({ store }) => put(store, 'json', '"new"')],
  ['a write under another type', async ({ store }) => put(store, 'json', 'new', 'text/plain')],
  ['a write of JSON over another type', async ({ store }) => put(store, 'png', '"new"')],
  ['a write of a type over another one', async ({ store }) => put(store, 'png', 'new', 'text/plain')],
  ['a large write', async ({ store }) => put(store, 'large', LARGE.toUpperCase(), 'image/png')],
  ['a large write under another type', async ({ store }) => put(store, 'png', LARGE, 'text/plain')],
  ['a large write of JSON over another type', async ({ store }) => put(store, 'png', `"${LARGE}"`)],
  [
    'a write of a new record alone',
    async ({ store }) => {
      const record = { key: 'new', value: Buffer.from('1'), contentType: 'text/plain' };
      await store.setRecord(record, { ifNoneMatch: '*' });
    },
  ],
  [
    'a deletion of what is known',
    async ({ store }) => {
      const { etag } = (await store.getRecordInfo('png')) ?? {};
      await store.deleteRecord('png', { ifMatch: etag as string });
    },
  ],
  ['a deletion', async ({ store }) => store.deleteRecord('json')],
  ['reading', async ({ store }) => [await get(store, 'json'), await get(store, 'png'), await listAll(store)]],
  ['opening a new store', async ({ backend }) => backend.openKeyValueStore({ name: 'other' }).then(() => 'opened')],
  ['a purge', async ({ backend }) => backend.purge()],
  ['a purge of one store', async ({ store }) => store.purge()],
  ['a new name', async ({ store }) => store.update({ name: 'named' }).then(({ name }) => name)],
  ['a drop', async ({ store, backend }) => store.drop().then(async () => backend.listKeyValueStores())],
];

const LONGER = OPERATIONS.filter(([name]) => ['a write under another type', 'a purge', 'a drop'].includes(name));

/** Gives what an operation returns, and what is there afterwards, also to another backend. */
async function outcome(operation: Step, nth: number, times: number): Promise<{ result: unknown; isHit: boolean }> {
  const { backend, store, dir } = await openStore();
  await setUp({ backend, store });
  const fault = failFrom(nth, times);
  const returned = await operation({ backend, store });
  fault.undo();
  await backend.close();
  await using later = createBackend({ dir });
  const stores = await later.listKeyValueStores();
  const records: unknown[] = [];
  for (const { id } of stores) {
    const opened = await later.openKeyValueStore({ id });
    for (const [key] of await listAll(opened)) records.push([key, await get(opened, key)]);
  }
  const names = stores.map(({ name }) => name);
  return { result: { returned, names, records }, isHit: fault.count() >= nth };
}

describe('a file that somebody has, on Windows', () => {
  it.each(OPERATIONS)('is waited for by %s, at whatever step', { timeout: 60_000 }, async (_, operation) => {
    setPlatform('win32');
    const { result: expected } = await outcome(operation, Infinity, 0);
    for (let nth = 1, isHit = true; isHit; nth += 1) {
      const { result, ...rest } = await outcome(operation, nth, 1);
      expect([nth, result]).toEqual([nth, expected]);
      ({ isHit } = rest);
    }
  });

  it.each(LONGER)('is waited for by %s, when it stays so for a while', { timeout: 60_000 }, async (_, operation) => {
    setPlatform('win32');
    const { result: expected } = await outcome(operation, Infinity, 0);
    for (let nth = 1, isHit = true; isHit; nth += 1) {
      const { result, ...rest } = await outcome(operation, nth, 3);
      expect([nth, result]).toEqual([nth, expected]);
      ({ isHit } = rest);
    }
  });

  it('leaves the old record when a large value can neither be shown nor taken back', async () => {
    setPlatform('win32');
    for (let nth = 1, isHit = true; isHit; nth += 1) {
      const { store } = await openStore();
      await put(store, 'png', 'old', 'image/png');
      const fault = failFrom(nth, 3);
      const code = await put(store, 'png', LARGE, 'text/plain').then(
        () => 'written',
        (error: Error & { code?: string }) => error.code,
      );
      fault.undo();
      const expected = code === 'written' ? [LARGE, 'text/plain'] : ['old', 'image/png'];
      expect([nth, await get(store, 'png')]).toEqual([nth, expected]);
      expect(['written', 'KV_ACCESS_DENIED']).toContain(code);
      isHit = fault.count() >= nth;
    }
  });

  it.each(CODES)('is waited for when the system says %s several times', async (code) => {
    setPlatform('win32');
    const { store } = await openStore();
    await put(store, 'k', '1');
    const fault = failFrom(1, 5, code);
    await put(store, 'k', '2');
    expect(await get(store, 'k')).toEqual(['2', JSON_TYPE]);
    expect(fault.count()).toBeGreaterThan(5);
  });

  it('is an error when it takes too long, and does no harm', async () => {
    setPlatform('win32');
    const { dir, store } = await openStore();
    await put(store, 'k', '1');
    const fault = failFrom(1, Infinity);
    expect(await rejection(put(store, 'k', '2', 'text/plain'))).toMatchObject({
      code: 'KV_ACCESS_DENIED',
      details: { errno: 'EPERM' },
    });
    expect(fault.count()).toBeGreaterThan(5);
    fault.undo();
    expect(await get(store, 'k')).toEqual(['1', JSON_TYPE]);
    await put(store, 'k', '3');
    expect(readdirSync(join(dir, 'key_value_stores', 'default')).toSorted()).toEqual(['__metadata__.json', 'k.json']);
  });

  it('is no longer waited for when the caller gives up', async () => {
    setPlatform('win32');
    const { store } = await openStore();
    const fault = failFrom(1, Infinity);
    const controller = new AbortController();
    const write = store.setRecord(
      { key: 'k', value: Buffer.from('1'), contentType: JSON_TYPE },
      { signal: controller.signal },
    );
    controller.abort();
    expect((await rejection(write)).name).toBe('AbortError');
    fault.undo();
    expect(await get(store, 'k')).toBeUndefined();
  });

  it('is another thing than a name that is taken', async () => {
    setPlatform('win32');
    const { dir, store } = await openStore();
    mkdirSync(join(dir, 'key_value_stores', 'x'));
    expect(await store.update({ name: 'x' })).toMatchObject({ name: 'x' });
  });
});

it('is an error at once on other systems', async () => {
  setPlatform('linux');
  const store = await createBackend({ dir: tempDir() }).openKeyValueStore({});
  await put(store, 'k', '1');
  const fault = failFrom(1, 1);
  expect((await rejection(put(store, 'k', '2'))).code).toBe('KV_ACCESS_DENIED');
  expect(fault.count()).toBeLessThan(5);
});
