import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createBackend } from '../src/index.js';
import { listNames } from '../src/io/list-names.js';
import { aroundCalls } from './around-calls.js';
import { get, JSON_TYPE, listAll, openStore, put, rejection } from './helpers.js';
import type { Opened } from './helpers.js';
import { DEAD, nameOf } from './other-process.js';

const isLinuxRoot = process.platform === 'linux' && process.getuid?.() === 0;

function mount(path: string, ...args: readonly string[]): void {
  mkdirSync(path, { recursive: true });
  execFileSync('mount', [...args, path]);
  onTestFinished(() => void execFileSync('umount', ['-l', path]));
}

const mountTmpfs = (path: string): void => mount(path, '-t', 'tmpfs', 'tmpfs');
const mountAgain = (path: string): void => mount(path, '--bind', path);

/** Opens a store with an input, two records and two directories, which are moved one by one. */
async function openFull(): Promise<Opened> {
  const opened = await openStore();
  await put(opened.store, 'INPUT', '"input"');
  for (const key of ['a', 'b']) await put(opened.store, key, '1', 'text/plain');
  for (const name of ['folder', 'volume']) mkdirSync(join(opened.path, name));
  writeFileSync(join(opened.path, 'folder', 'file'), 'text');
  return opened;
}

/** Leaves a swap as a process does that dies after the store has lost its place. */
function dieInSwap(dir: string, path: string): void {
  const gate = join(dir, '.kv', 'stores', 'default@default');
  const held = join(gate, `held-${nameOf(DEAD)}`);
  renameSync(join(gate, 'tmp'), held);
  mkdirSync(join(held, 'next@default'));
  for (const name of ['INPUT.json', '__metadata__.json']) {
    writeFileSync(join(held, 'next@default', name), readFileSync(join(path, name)));
  }
  mkdirSync(join(dir, '.kv', 'swaps', 'default@default', 'purge-000000001'), { recursive: true });
  renameSync(path, join(held, 'old@default'));
}

function expectInPlace(path: string): void {
  expect(readFileSync(join(path, 'folder', 'file'), 'utf8')).toBe('text');
  expect(existsSync(join(path, 'volume'))).toBe(true);
}

async function expectUsable(dir: string): Promise<void> {
  expect(readdirSync(join(dir, '.kv', 'stores', 'default@default'))).toEqual(['tmp']);
  expect(readdirSync(join(dir, '.kv', 'stores', 'default@default', 'tmp'))).toEqual([]);
  expect(listNames(join(dir, '.kv', 'swaps'))).toEqual([]);
  await using backend = createBackend({ dir });
  const store = await backend.openKeyValueStore({});
  await put(store, 'later', '2', 'text/plain');
  expect(await get(store, 'later')).toEqual(['2', 'text/plain']);
}

describe.skipIf(!isLinuxRoot)('a swap that cannot be completed (needs root on Linux for mounts)', () => {
  it.each<[string, (dir: string, path: string) => void]>([
    ['a directory of the store is a mount point', (_, path) => mountTmpfs(join(path, 'volume'))],
    ['the store is a mount point', (_, path) => mountAgain(path)],
    ['the trash is on another device', (dir) => mountTmpfs(join(dir, '.kv', 'trash'))],
  ])('is undone, and the records are removed one by one, where %s', async (_, prepare) => {
    const { backend, store, dir, path } = await openFull();
    prepare(dir, path);
    expect(await backend.purge()).toMatchObject([{ removed: 2, kept: 1 }]);
    expect(await listAll(store)).toEqual([['INPUT', 7]]);
    expectInPlace(path);
    await expectUsable(dir);
  });

  it.each<[string, (dir: string, path: string) => void]>([
    ['a directory of the store is a mount point', (_, path) => mountTmpfs(join(path, 'volume'))],
    ['the trash is on another device', (dir) => mountTmpfs(join(dir, '.kv', 'trash'))],
  ])('is undone by whoever completes it for a process that is no more, where %s', async (_, prepare) => {
    const { backend, dir, path } = await openFull();
    await backend.close();
    prepare(dir, path);
    dieInSwap(dir, path);
    await using later = createBackend({ dir });
    const store = await later.openKeyValueStore({});
    expect((await listAll(store)).map(([key]) => key)).toEqual(['INPUT', 'a', 'b']);
    expectInPlace(path);
    await expectUsable(dir);
  });
});

describe('a swap that another tool has come into', () => {
  it('is undone without losing what the tool has written', async () => {
    const { backend, dir, path } = await openFull();
    await backend.close();
    dieInSwap(dir, path);
    mkdirSync(path);
    writeFileSync(join(path, 'a.txt'), 'newer');
    writeFileSync(join(path, 'new.txt'), 'new');
    const trash = join(dir, '.kv', 'trash');
    aroundCalls('renameSync', (rename, _, to = '') => {
      if (to.startsWith(trash)) throw Object.assign(new Error('injected'), { code: 'EACCES', syscall: 'rename' });
      return rename();
    });
    await using later = createBackend({ dir });
    const store = await later.openKeyValueStore({});
    expect(await get(store, 'INPUT')).toEqual(['"input"', JSON_TYPE]);
    expect((await get(store, 'a'))?.[0]).toBe('newer');
    expect((await listAll(store)).map(([key]) => key)).toEqual(['INPUT', 'a', 'b', 'new']);
    expectInPlace(path);
    await expectUsable(dir);
  });
});

describe('a swap that can neither be completed nor undone', () => {
  it('keeps nobody from other stores, and is completed as soon as it can be', async () => {
    const { backend, dir, path } = await openFull();
    await put(await backend.openKeyValueStore({ name: 'other' }), 'k', '1');
    await backend.close();
    dieInSwap(dir, path);
    const undo = aroundCalls('renameSync', (rename, from = '') => {
      if (from.includes('default@default')) {
        throw Object.assign(new Error('injected'), { code: 'EACCES', syscall: 'rename' });
      }
      return rename();
    });
    await using later = createBackend({ dir });
    expect(await get(await later.openKeyValueStore({ name: 'other' }), 'k')).toEqual(['1', JSON_TYPE]);
    expect((await rejection(later.openKeyValueStore({}))).code).toBe('KV_ACCESS_DENIED');
    undo();
    expect(await listAll(await later.openKeyValueStore({}))).toEqual([['INPUT', 7]]);
  });
});

describe('a purge of several stores that died', () => {
  it('comes back as a whole, whoever completes it', async () => {
    const { backend, store, dir } = await openStore();
    const other = await backend.openKeyValueStore({ alias: 'other' });
    for (const each of [store, other]) await put(each, 'k', '1');
    let count = 0;
    const undo = aroundCalls('renameSync', (rename, _, to = '') => {
      // The second of the two stores never gets as far as the trash.
      if (/purge-\d+.(default|other)$/.test(to) && ++count > 1) throw new Error('stopped');
      return rename();
    });
    await expect(backend.purge()).rejects.toThrow('stopped');
    undo();
    await using later = createBackend({ dir });
    expect(await later.restore()).toMatchObject([{ restored: 1 }, { restored: 1 }]);
  });
});
