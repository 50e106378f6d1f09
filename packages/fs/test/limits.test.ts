import { execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { createBackend } from '../src/index.js';
import { get, JSON_TYPE, listAll, openStore, put, rejection, tempDir } from './helpers.js';

const isLinuxRoot = process.platform === 'linux' && process.getuid?.() === 0;
const DAY_MILLIS = 24 * 60 * 60 * 1000;
const fixture = (name: string): string => fileURLToPath(new URL(`fixtures/${name}.ts`, import.meta.url));

it.skipIf(process.platform === 'win32')(
  'stores what it says it stored when 1,000 writes at once meet a limit of 64 open files (needs ulimit, so no Windows)',
  { timeout: 120_000 },
  async () => {
    const dir = tempDir();
    const command = 'ulimit -n 64 && exec "$0" "$@"';
    const output = execFileSync('sh', ['-c', command, process.execPath, fixture('write-at-once'), dir]);
    const results = JSON.parse(output.toString()) as string[];
    const stored = results.flatMap((result, index) => (result === 'stored' ? index : []));
    for (const result of results.filter((text) => text !== 'stored')) {
      expect(result).toMatch(/^KV_BACKEND_FAILED: .*\(EMFILE\)\. Do less at once, or raise the limit/);
    }
    // Values in memory wait for handles, so only streams may fail; nothing that comes later.
    expect(stored.length).toBeGreaterThanOrEqual(751);
    expect(stored).toContain(1000);
    const store = await createBackend({ dir }).openKeyValueStore({});
    const sizes = stored.map((index): [string, number] => [`k${index}`, index % 4 < 2 ? 100 : 100_000]);
    expect(await listAll(store)).toEqual(sizes.toSorted(([one], [other]) => (one < other ? -1 : 1)));
    for (const [key, size] of sizes) {
      const record = await store.getRecord(key);
      const isWhole = Buffer.from(record?.value ?? []).equals(Buffer.alloc(size, `${key.slice(1)}.`));
      expect([key, isWhole]).toEqual([key, true]);
    }
  },
);

it.skipIf(process.platform === 'win32')(
  'reads 1,000 large values at once, and writes as many, with a limit of 64 open files (needs ulimit, so no Windows)',
  { timeout: 120_000 },
  async () => {
    const { dir, store } = await openStore();
    for (let index = 0; index < 10; index += 1) {
      await store.setRecord({ key: `k${index}`, value: Buffer.alloc(70_000, `${index}`), contentType: 'image/png' });
    }
    const command = 'ulimit -n 64 && exec "$0" "$@"';
    const output = execFileSync('sh', ['-c', command, process.execPath, fixture('read-at-once'), dir]);
    expect(JSON.parse(output.toString())).toEqual({ read: 1000, written: 1000 });
  },
);

it.skipIf(process.platform !== 'linux')(
  'keeps no file open after a stream that somebody else reads (counts in /proc, so Linux only)',
  async () => {
    const { dir, store } = await openStore();
    const value = new Blob(['a']).stream();
    value.getReader();
    await expect(store.setRecord({ key: 'a', value, contentType: 'image/png' })).rejects.toThrow('locked');
    const openFiles = (): string[] =>
      readdirSync('/proc/self/fd')
        .map((name) => readlinkIfThere(`/proc/self/fd/${name}`))
        .filter((path) => path.startsWith(dir));
    // A thread closes what was removed.
    await expect.poll(openFiles).toEqual([]);
    expect(readdirSync(join(dir, '.kv', 'tmp'))).toEqual([]);
  },
);

it.skipIf(!isLinuxRoot)(
  'reads from a file system that is read-only, and reports every write (needs root on Linux for a tmpfs)',
  async () => {
    const dir = tempDir();
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', dir]);
    onTestFinished(() => void execFileSync('umount', ['-l', dir]));
    await put((await openStore({ dir })).store, 'k', '1', 'text/plain');
    execFileSync('mount', ['-o', 'remount,ro', dir]);
    const { store, backend } = await openStore({ dir });
    expect(await get(store, 'k')).toEqual(['1', 'text/plain']);
    expect(await listAll(store)).toEqual([['k', 1]]);
    const writes: readonly (() => Promise<unknown>)[] = [
      () => put(store, 'k', '2'),
      () => store.setRecord({ key: 'k', value: new Uint8Array(100_000), contentType: 'image/png' }),
      () => store.deleteRecord('k'),
      () => store.purge(),
      () => store.update({ title: 'A title' }),
      () => store.drop(),
      () => backend.openKeyValueStore({ name: 'new' }),
    ];
    for (const write of writes) {
      const error = await rejection(write());
      expect(error.code).toBe('KV_ACCESS_DENIED');
      expect(error.message).toContain('the file system is read-only (EROFS)');
    }
    expect(await get(store, 'k')).toEqual(['1', 'text/plain']);
  },
);

it('works with a clock that is a day behind that of the file system', { timeout: 60_000 }, async () => {
  expect(await workWithClock(-DAY_MILLIS)).toEqual([]);
});

it('works with a clock that is a day ahead of that of the file system', { timeout: 60_000 }, async () => {
  expect(await workWithClock(DAY_MILLIS)).toEqual([]);
});

it('works in a directory whose files are of tomorrow, as after the clock was set back', async () => {
  const { dir, path, store } = await openStore();
  for (const key of ['a', 'b']) await put(store, key, '1', 'text/plain');
  const tomorrow = (Date.now() + DAY_MILLIS) / 1000;
  for (const name of [...readdirSync(path), '.']) utimesSync(join(path, name), tomorrow, tomorrow);
  const reopened = await createBackend({ dir }).openKeyValueStore({});
  expect(await listAll(reopened)).toHaveLength(2);
  await put(reopened, 'c', '1');
  await reopened.deleteRecord('a');
  for (const handle of [store, reopened]) expect((await listAll(handle)).map(([key]) => key)).toEqual(['b', 'c']);
  const before = await reopened.getRecordInfo('b');
  await put(reopened, 'b', '2', 'text/plain');
  expect((await reopened.getRecordInfo('b'))?.etag).not.toBe(before?.etag);
});

it('serves a store of 100,000 keys', { timeout: 600_000 }, async () => {
  const { dir, path } = await openStore();
  const keys = Array.from({ length: 100_000 }, (_, index) => `k${String(index).padStart(6, '0')}`);
  for (const key of keys) writeFileSync(join(path, `${key}.json`), key);
  const store = await createBackend({ dir }).openKeyValueStore({});
  expect(await get(store, 'k099999')).toEqual(['k099999', JSON_TYPE]);
  expect((await listAll(store)).map(([key]) => key)).toEqual(keys);
  await put(store, 'k050000', '"new"', 'text/plain');
  await store.deleteRecord('k050001');
  expect(await listAll(store, 4, 'k05000')).toEqual(
    [0, 2, 3, 4, 5, 6, 7, 8, 9].map((digit) => [`k05000${digit}`, digit === 0 ? 5 : 7]),
  );
});

/** The descriptor with which a directory is read is closed by the time that its links are. */
function readlinkIfThere(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

/** Works on a store in a process whose clock is off; gives what went wrong. */
async function workWithClock(offset: number): Promise<string[]> {
  const { dir, backend, store } = await openStore();
  await put(store, 'there', '1', 'text/plain');
  // No run purges the store of another one that is alive.
  await backend.close();
  const child = fork(fixture('with-clock'), [dir, String(offset)]);
  const [problems] = (await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(() => [['it crashed']]),
  ])) as [string[]];
  expect(await listAll(await createBackend({ dir }).openKeyValueStore({}))).toEqual([]);
  return problems;
}
