import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describeKeyValueStoreBackend } from '@kv/conformance';
import { afterAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { createBackend, doctor } from '../src/index.js';
import { caselessPlace } from './caseless-place.js';
import { get, JSON_TYPE, listAll, openStore, put } from './helpers.js';
import type { Opened } from './helpers.js';

// Such a file system, in a process of its own, is slow.
vi.setConfig({ testTimeout: 300_000 });

const place = caselessPlace();

describe.skipIf(place.dir === undefined)(`where case is ignored and nothing can be linked${place.reason ?? ''}`, () => {
  const parent = place.dir ?? '';
  afterAll(() => place.remove?.(), 60_000);

  for (const layout of ['kv', 'crawlee'] as const) {
    describeKeyValueStoreBackend(`fs on exFAT, layout ${layout}`, {
      runner: { describe, it },
      open: () => createBackend({ dir: mkdtempSync(join(parent, 'conformance-')), layout }),
      reopen: ({ location }) => createBackend({ dir: location, layout }),
      close: async (backend) => {
        await backend.close();
        rmSync(backend.location, { recursive: true, force: true });
      },
    });
  }

  const open = async (...[options, ref]: Parameters<typeof openStore>): Promise<Opened> =>
    openStore({ ...options, dir: mkdtempSync(join(parent, 'case-')) }, ref);
  const keysOf = async ({ store }: Pick<Opened, 'store'>): Promise<string[]> =>
    (await listAll(store)).map(([key]) => key);

  it.each(['kv', 'crawlee'] as const)('keys that differ in case alone are told apart, layout %s', async (layout) => {
    const { dir, store } = await open({ layout });
    const keys = ['photo', 'Photo', 'PHOTO', 'input', 'INPUT', 'a'.repeat(256), 'A'.repeat(256)].toSorted();
    for (const contentType of ['image/png', JSON_TYPE, 'text/plain']) {
      for (const key of keys) await put(store, key, JSON.stringify(key), contentType);
      const reopened = await openStore({ dir });
      for (const key of keys) expect(await get(reopened.store, key)).toEqual([JSON.stringify(key), contentType]);
      expect(await keysOf(reopened)).toEqual(keys);
    }
    await store.deleteRecord('Photo');
    expect(await get(store, 'photo')).toEqual(['"photo"', 'text/plain']);
    expect(await keysOf({ store })).toEqual(keys.filter((key) => key !== 'Photo'));
    expect((await doctor({ dir })).findings.filter(({ severity }) => severity !== 'info')).toEqual([]);
  });

  it.each(['INPUT.json', 'input.json', 'Input.JSON', 'INPUT'])(
    '%s placed by hand is the input, and stays',
    async (name) => {
      const { backend, store, path } = await open();
      await put(store, 'other', '1');
      writeFileSync(join(path, name), '{"a":1}');
      expect((await get(store, 'INPUT'))?.[0]).toBe('{"a":1}');
      expect((await backend.purge()).map(({ removed }) => removed)).toEqual([1]);
      expect((await get(store, 'INPUT'))?.[0]).toBe('{"a":1}');
      expect(readdirSync(path)).toContain(name);
    },
  );

  it('stores whose names or aliases differ in case alone are told apart', async () => {
    const { dir, backend } = await open();
    const refs = [
      { name: 'photos' },
      { name: 'Photos' },
      { alias: 'PHOTOS' },
      { alias: 'photos' },
      { name: 'Default' },
    ];
    for (const ref of refs) await put(await backend.openKeyValueStore(ref), 'k', JSON.stringify(ref));
    const again = createBackend({ dir });
    for (const ref of refs) {
      expect(await get(await again.openKeyValueStore(ref), 'k')).toEqual([JSON.stringify(ref), JSON_TYPE]);
    }
    expect(await again.listKeyValueStores()).toHaveLength(refs.length + 1);
    expect((await again.purge()).map(({ label }) => label).toSorted()).toEqual(['PHOTOS', 'default', 'photos']);
    for (const ref of refs) {
      const isKept = 'name' in ref;
      expect(await get(await again.openKeyValueStore(ref), 'k')).toEqual(
        isKept ? [JSON.stringify(ref), JSON_TYPE] : undefined,
      );
    }
  });

  it('a store takes a name that differs from its own in case alone', async () => {
    const { dir } = await open();
    const named = await createBackend({ dir }).openKeyValueStore({ name: 'reports' });
    await put(named, 'k', '2');
    await named.update({ name: 'Reports' });
    const again = createBackend({ dir });
    expect(await again.findKeyValueStore({ name: 'reports' })).toBeUndefined();
    expect(await get(await again.openKeyValueStore({ name: 'Reports' }), 'k')).toEqual(['2', JSON_TYPE]);
    expect((await doctor({ dir })).findings).toEqual([]);
  });

  it('a store whose directory people have renamed in case alone keeps its name', async () => {
    const { dir, backend } = await open();
    await put(await backend.openKeyValueStore({ name: 'reports' }), 'k', '1');
    const stores = join(dir, 'key_value_stores');
    renameSync(join(stores, 'reports'), join(stores, 'Reports'));
    const again = createBackend({ dir });
    expect(await get(await again.openKeyValueStore({ name: 'reports' }), 'k')).toEqual(['1', JSON_TYPE]);
  });

  it('a purge can be restored, and survives that nothing can be linked', async () => {
    const { backend, store } = await open();
    await put(store, 'INPUT', '{}');
    for (const key of ['photo', 'Photo']) await put(store, key, key, 'image/png');
    expect((await backend.purge({ dryRun: true })).map(({ removedKeys }) => removedKeys)).toEqual([['Photo', 'photo']]);
    await backend.purge();
    expect(await keysOf({ store })).toEqual(['INPUT']);
    await backend.restore();
    expect(await keysOf({ store })).toEqual(['INPUT', 'Photo', 'photo']);
    for (const key of ['photo', 'Photo']) expect(await get(store, key)).toEqual([key, 'image/png']);
  });

  it('durability fsync syncs files and directories', async () => {
    const { store } = await open({ durability: 'fsync' });
    for (const contentType of [JSON_TYPE, 'image/png', 'text/plain']) {
      await put(store, 'Photo', 'value', contentType);
      expect(await get(store, 'Photo')).toEqual(['value', contentType]);
    }
    await store.deleteRecord('Photo');
    await store.drop();
  });

  it('names are never remembered, since a directory does not show what was moved into it', async () => {
    const { dir, path, store } = await open();
    await put(store, 'a', '1');
    mkdirSync(join(dir, 'elsewhere'));
    writeFileSync(join(dir, 'elsewhere', 'moved.png'), 'png');
    for (let count = 0; count < 300; count += 1) await store.getRecord('moved');
    // Until then, times of whole seconds would not tell either.
    await sleep(3000);
    expect(await keysOf({ store })).toEqual(['a']);
    for (let count = 0; count < 300; count += 1) await store.getRecord('moved');
    renameSync(join(dir, 'elsewhere', 'moved.png'), join(path, 'moved.png'));
    expect(await get(store, 'moved')).toEqual(['png', 'image/png']);
    await put((await openStore({ dir })).store, 'b', '1');
    expect(await keysOf({ store })).toEqual(['a', 'b', 'moved']);
  });

  it.each([
    ['JSON', [JSON_TYPE]],
    ['one type', ['text/plain']],
    ['ever another type', ['text/plain', 'text/html', JSON_TYPE]],
  ])('a record is always there while another process replaces it: %s', async (_, contentTypes) => {
    const { dir, store } = await open();
    const child = fork(fixture('replace-record'), [dir, ...contentTypes]);
    onTestFinished(() => void child.kill('SIGKILL'));
    await once(child, 'message');
    for (let count = 0; count < 2000; count += 1) {
      const [value, contentType] = (await get(store, 'k')) ?? ['nothing'];
      expect(value).toBe(JSON.stringify(contentType));
    }
  });

  it('a name is one store with one id, however many processes create it at once', async () => {
    const { dir } = await open();
    const names = Array.from({ length: 30 }, (_, index) => `store-${index}`);
    const children = Array.from({ length: 6 }, () => fork(fixture('open-stores'), [dir, ...names]));
    await Promise.all(children.map(async (child) => once(child, 'message')));
    const answers = children.map(async (child) => (await once(child, 'message'))[0] as string[]);
    for (const child of children) child.send('go');
    const ids = await Promise.all(answers);
    const stores = await createBackend({ dir }).listKeyValueStores();
    const expected = names.map((name) => stores.find((store) => store.name === name)?.id);
    for (const seen of ids) expect(seen).toEqual(expected);
  });

  it('a store is always there while another process replaces its metadata', async () => {
    const { dir, store } = await open(undefined, { name: 'x' });
    const child = fork(fixture('retitle-store'), [dir]);
    onTestFinished(() => void child.kill('SIGKILL'));
    await once(child, 'message');
    for (let count = 0; count < 300; count += 1) {
      const backend = createBackend({ dir });
      expect((await backend.listKeyValueStores()).map(({ id }) => id)).toEqual([store.id]);
      expect((await backend.openKeyValueStore({ name: 'x' })).id).toBe(store.id);
    }
  });

  it('several processes lose no increment', async () => {
    const { dir } = await open();
    const children = Array.from({ length: 4 }, () => fork(fixture('count-up'), [dir, '20']));
    const codes = await Promise.all(children.map(async (child) => (await once(child, 'exit'))[0] as unknown));
    expect(codes).toEqual([0, 0, 0, 0]);
    const { store } = await openStore({ dir }, { name: 'counters' });
    expect((await get(store, 'counter'))?.[0]).toBe('80');
  });
});

function fixture(name: string): string {
  return fileURLToPath(new URL(`fixtures/${name}.ts`, import.meta.url));
}
