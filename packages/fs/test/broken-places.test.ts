import { execFileSync, fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createBackend } from '../src/index.js';
import { DEAD, nameOf } from './other-process.js';
import { get, JSON_TYPE, listAll, openStore, put, rejection, tempDir } from './helpers.js';

const isLinuxRoot = process.platform === 'linux' && process.getuid?.() === 0;
const NOBODY = 65_534;

function runFixture(name: string, args: readonly string[], uid?: number): ChildProcess {
  const path = fileURLToPath(new URL(`fixtures/${name}.ts`, import.meta.url));
  return fork(path, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], ...(uid === undefined ? {} : { uid }) });
}

describe('a place that cannot be used', () => {
  it('reports a file where the directory should be, and leaves it alone', async () => {
    for (const place of ['storage', 'storage/key_value_stores', 'storage/key_value_stores/default']) {
      const dir = tempDir();
      mkdirSync(join(dir, place, '..'), { recursive: true });
      writeFileSync(join(dir, place), 'a file');
      const backend = createBackend({ dir: join(dir, 'storage') });
      for (const open of [backend.openKeyValueStore({}), backend.openKeyValueStore({})]) {
        const error = await rejection(open);
        expect(error.code).toBe('KV_STORAGE_CORRUPT');
        expect(error.message).toContain('a file stands where a directory should be');
      }
    }
  });

  it.skipIf(process.platform !== 'linux')(
    'reports a place that takes no directories (/proc is one on Linux)',
    async () => {
      const error = await rejection(createBackend({ dir: '/proc/kv-storage' }).openKeyValueStore({}));
      expect(error.code).toBe('KV_BACKEND_FAILED');
      expect(error.message).toContain('/proc/kv-storage');
    },
  );

  it('reports a directory that it may not write to, and still reads what is there', async () => {
    const { dir, store, path } = await openStore();
    await put(store, 'k', '1');
    // What it cannot sweep either, it leaves.
    writeFileSync(join(dir, '.kv', 'runs', 'tmp', nameOf(DEAD)), '{}');
    chmodSync(path, 0o555);
    chmodSync(join(dir, '.kv', 'tmp'), 0o555);
    chmodSync(join(dir, '.kv', 'runs', 'tmp'), 0o555);
    chmodSync(dir, 0o755);
    onTestFinished(() => [path, join(dir, '.kv', 'runs', 'tmp')].forEach((place) => chmodSync(place, 0o755)));
    // Root may write everywhere, so another user tries.
    const child = runFixture('write-as-user', [dir], isLinuxRoot ? NOBODY : undefined);
    const [result] = await once(child, 'message');
    expect(result).toEqual({
      read: '1',
      set: 'KV_ACCESS_DENIED',
      remove: 'KV_ACCESS_DENIED',
      open: 'KV_ACCESS_DENIED',
    });
    expect(await get(store, 'k')).toEqual(['1', JSON_TYPE]);
  });

  it.skipIf(!isLinuxRoot)(
    'reports a full disk, keeps the old record, and works again (needs root on Linux for a tmpfs)',
    async () => {
      const dir = mkdtempSync(join(tmpdir(), 'kv-full-'));
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', dir]);
      onTestFinished(() => {
        execFileSync('umount', ['-l', dir]);
        rmSync(dir, { recursive: true });
      });
      const { store } = await openStore({ dir });
      await put(store, 'small', '"old"');
      await put(store, 'large', 'old', 'image/png');
      const filler = new Uint8Array(60_000);
      let count = 0;
      const fill = async (): Promise<void> => {
        for (; ; count += 1) await store.setRecord({ key: `filler-${count}`, value: filler, contentType: JSON_TYPE });
      };
      expect((await rejection(fill())).code).toBe('KV_STORAGE_FULL');
      const stream = new Blob([new Uint8Array(3_000_000)]).stream();
      for (const value of [new Uint8Array(2_000_000), stream]) {
        const error = await rejection(store.setRecord({ key: 'large', value, contentType: 'image/png' }));
        expect(error.code).toBe('KV_STORAGE_FULL');
        expect(error.message).toContain('Free some space and try again');
      }
      expect(readdirSync(join(dir, '.kv', 'tmp'))).toEqual([]);
      expect(await get(store, 'small')).toEqual(['"old"', JSON_TYPE]);
      expect(await get(store, 'large')).toEqual(['old', 'image/png']);
      expect(await listAll(store)).toHaveLength(count + 2);
      for (let index = 0; index < count; index += 1) await store.deleteRecord(`filler-${index}`);
      await put(store, 'small', '"new"');
      expect(await get(store, 'small')).toEqual(['"new"', JSON_TYPE]);
    },
  );

  it('reports a directory that was deleted while the store was open, and opens a new one', async () => {
    const { dir, store, backend } = await openStore();
    await put(store, 'k', '1');
    rmSync(dir, { recursive: true });
    const calls: readonly (() => Promise<unknown>)[] = [
      () => put(store, 'k', '2'),
      () => put(store, 'k', '2', 'text/plain'),
      () => store.setRecord({ key: 'k', value: new Uint8Array(100_000), contentType: JSON_TYPE }),
      () => store.getRecord('k'),
      () => store.getRecordInfo('k'),
      () => store.getRecordStream('k'),
      () => store.getPublicUrl('k'),
      () => store.deleteRecord('k'),
      () => store.purge(),
      () => listAll(store),
      () => store.getInfo(),
      () => store.drop(),
    ];
    for (const call of calls) {
      const error = await rejection(call());
      expect(error.code).toBe('KV_STORAGE_NOT_FOUND');
      expect(error.message).toContain('Open the store again to make a new one');
    }
    const again = await backend.openKeyValueStore({});
    await put(again, 'k', '3');
    expect(await get(again, 'k')).toEqual(['3', JSON_TYPE]);
  });

  it('makes the directory of temp files again when it is gone', async () => {
    const { dir, store } = await openStore();
    rmSync(join(dir, '.kv'), { recursive: true });
    await put(store, 'k', '1');
    rmSync(join(dir, '.kv'), { recursive: true });
    await store.setRecord({ key: 'l', value: new Uint8Array(100_000), contentType: JSON_TYPE });
    expect(await listAll(store)).toEqual([
      ['k', 1],
      ['l', 100_000],
    ]);
  });
});

describe('processes', () => {
  it("sweeps what dead writers left behind, never a live writer's file", async () => {
    const { dir, store } = await openStore();
    await put(store, 'k', '1');
    const tmp = join(dir, '.kv', 'tmp');
    const child = runFixture('hold-write', [dir]);
    await once(child, 'message');
    const [live] = readdirSync(tmp);
    const dead = live?.replace(`-${child.pid}-`, '-999999999-') as string;
    const foreign = '00000000-1-0011223344556677';
    for (const name of [dead, foreign, `${foreign}-old`]) writeFileSync(join(tmp, name), 'x');
    const twoDaysAgo = Date.now() / 1000 - 2 * 24 * 60 * 60;
    utimesSync(join(tmp, `${foreign}-old`), twoDaysAgo, twoDaysAgo);
    const reopened = await createBackend({ dir }).openKeyValueStore({});
    expect(readdirSync(tmp).toSorted()).toEqual([foreign, live as string].toSorted());
    child.kill('SIGKILL');
    await once(child, 'exit');
    await createBackend({ dir }).openKeyValueStore({});
    expect(readdirSync(tmp)).toEqual([foreign]);
    expect(await listAll(reopened)).toEqual([['k', 1]]);
  });
});

describe('a store on another device', () => {
  it.skipIf(!isLinuxRoot)(
    'is written by way of a hidden file beside the record (needs root on Linux for a tmpfs)',
    async () => {
      const dir = tempDir();
      const path = join(dir, 'key_value_stores', 'default');
      mkdirSync(path, { recursive: true });
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', path]);
      onTestFinished(() => void execFileSync('umount', ['-l', path]));
      const { store } = await openStore({ dir });
      for (const contentType of [JSON_TYPE, 'text/plain', 'image/png', 'image/png', JSON_TYPE]) {
        await put(store, 'k', 'value', contentType);
        expect(await get(store, 'k')).toEqual(['value', contentType]);
      }
      await store.setRecord({ key: 'l', value: new Uint8Array(100_000), contentType: 'image/png' });
      expect(await listAll(store)).toEqual([
        ['k', 5],
        ['l', 100_000],
      ]);
      expect(readdirSync(path).filter((name) => name.startsWith('.'))).toEqual([]);
      expect(readdirSync(join(dir, '.kv', 'tmp'))).toEqual([]);
    },
  );
});

describe('durability: fsync', () => {
  it('stores, replaces and deletes as without', async () => {
    const { store } = await openStore({ durability: 'fsync' });
    await put(store, 'k', '1');
    await put(store, 'k', '2', 'image/png');
    await store.setRecord({ key: 'l', value: new Blob([new Uint8Array(100_000)]).stream(), contentType: 'image/png' });
    expect(await get(store, 'k')).toEqual(['2', 'image/png']);
    expect(await listAll(store)).toEqual([
      ['k', 1],
      ['l', 100_000],
    ]);
    await store.deleteRecord('k');
    expect(await listAll(store)).toEqual([['l', 100_000]]);
  });
});
