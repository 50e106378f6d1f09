import { fork } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { isKvError } from '@kv/core';
import { doctor } from '../src/doctor/doctor.js';
import { createBackend } from '../src/index.js';
import type { FsBackend } from '../src/index.js';
import { openStore, tempDir } from './helpers.js';

const METADATA = '__metadata__.json';
// As long as a directory must have been seen until its state is believed.
const REST_MILLIS = 60;

/** Lets backends learn which stores there are. */
async function settle(...backends: readonly FsBackend[]): Promise<void> {
  for (const rest of [REST_MILLIS, 0]) {
    for (const backend of backends) expect(await backend.findKeyValueStore({ id: 'absent' })).toBeUndefined();
    await sleep(rest);
  }
}

function writeMetadata(path: string, id: string): void {
  writeFileSync(join(path, METADATA), JSON.stringify({ id, name: basename(path) }));
}

/** Gives the name of each store as the disk has it, by id; of several, of the first. */
function namesOnDisk(storesDir: string): Map<string, string | undefined> {
  const names = new Map<string, string | undefined>();
  for (const place of existsSync(storesDir) ? readdirSync(storesDir) : []) {
    const path = join(storesDir, place, METADATA);
    if (!existsSync(path)) continue;
    const { id } = JSON.parse(readFileSync(path, 'utf8')) as { id: string };
    if (!names.has(id)) names.set(id, place === 'default' ? undefined : place.replace(/~.*/, ''));
  }
  return names;
}

/** Lets the clock of the file system tick every 16 ms, as slow ones do. */
function slowClock(): void {
  const builtin = process.getBuiltinModule('node:fs') as unknown as Record<string, unknown>;
  const { statSync } = builtin;
  const tickOf = (millis: number): number => millis - (millis % 16) + 0.25;
  builtin['statSync'] = (...args: unknown[]) => {
    const stats = (statSync as (...parameters: unknown[]) => Stats | undefined)(...args);
    if (stats) Object.assign(stats, { mtimeMs: tickOf(stats.mtimeMs), ctimeMs: tickOf(stats.ctimeMs) });
    return stats;
  };
  syncBuiltinESMExports();
  onTestFinished(() => {
    builtin['statSync'] = statSync;
    syncBuiltinESMExports();
  });
}

describe('a store that is looked for by its id', () => {
  it('is found as soon as it is there, and not any more when it is gone', async () => {
    const { dir, backend } = await openStore({}, { name: 'first' });
    const other = createBackend({ dir });
    await settle(backend, other);
    const { id } = await other.openKeyValueStore({ name: 'second' });
    expect(await backend.findKeyValueStore({ id })).toMatchObject({ name: 'second' });
    await settle(backend, other);
    await (await backend.openKeyValueStore({ id })).drop();
    for (const each of [backend, other]) expect(await each.findKeyValueStore({ id })).toBeUndefined();
  });

  it('is found when metadata comes into a directory that had none, or damaged metadata is mended', async () => {
    const { dir, backend } = await openStore({}, { name: 'first' });
    const paths = ['bare', 'damaged'].map((place) => join(dir, 'key_value_stores', place));
    for (const path of paths) mkdirSync(path);
    writeFileSync(join(dir, 'key_value_stores', 'damaged', METADATA), '{');
    await settle(backend);
    for (const [index, path] of paths.entries()) {
      writeMetadata(path, `by-hand-${index}`);
      expect(await backend.findKeyValueStore({ id: `by-hand-${index}` })).toMatchObject({ name: basename(path) });
    }
  });

  it('is found under the new id that it gets when its metadata was deleted', async () => {
    const { dir, backend, path, store } = await openStore({}, { name: 'first' });
    const other = createBackend({ dir });
    await settle(backend, other);
    rmSync(join(path, METADATA));
    const { id } = await other.openKeyValueStore({ name: 'first' });
    expect(await backend.findKeyValueStore({ id })).toMatchObject({ name: 'first' });
    expect(await backend.findKeyValueStore({ id: store.id })).toBeUndefined();
  });

  it('is the first of several, until the copy gets an id of its own, by which it is found at once', async () => {
    const { dir, backend, path, store } = await openStore({}, { name: 'original' });
    const other = createBackend({ dir });
    await settle(backend, other);
    cpSync(path, join(dir, 'key_value_stores', 'copy'), { recursive: true });
    expect(await backend.findKeyValueStore({ id: store.id })).toMatchObject({ name: 'copy' });
    await settle(backend, other);
    const copy = await other.openKeyValueStore({ name: 'copy' });
    expect(await backend.findKeyValueStore({ id: copy.id })).toMatchObject({ name: 'copy' });
    expect(await backend.findKeyValueStore({ id: store.id })).toMatchObject({ name: 'original' });
  });

  it('is found by the id that the doctor gives a copy', async () => {
    const { dir, backend, path, store } = await openStore({}, { name: 'original' });
    cpSync(path, join(dir, 'key_value_stores', 'zcopy'), { recursive: true });
    await settle(backend);
    // The doctor takes a second, in which this would be found out anyway.
    const clock = vi.spyOn(performance, 'now').mockReturnValue(performance.now());
    onTestFinished(() => clock.mockRestore());
    await doctor({ dir, repair: true });
    const id = [...namesOnDisk(join(dir, 'key_value_stores')).keys()].find((each) => each !== store.id) ?? '';
    expect(await backend.findKeyValueStore({ id })).toMatchObject({ name: 'zcopy' });
  });

  it('is not found by an id that a person has changed in place, and by the new one after a second', async () => {
    const { dir, backend, path, store } = await openStore({}, { name: 'first' });
    const other = createBackend({ dir });
    await settle(backend, other);
    writeMetadata(path, 'edited');
    expect(await other.findKeyValueStore({ id: store.id })).toBeUndefined();
    const now = performance.now.bind(performance);
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => now() + 1000);
    onTestFinished(() => clock.mockRestore());
    expect(await backend.findKeyValueStore({ id: 'edited' })).toMatchObject({ name: 'first' });
  });

  it('is told with the metadata that it has now', async () => {
    const { dir, backend, store } = await openStore({}, { name: 'first' });
    const other = createBackend({ dir });
    await settle(backend, other);
    for (const title of ['a', 'b', 'c']) {
      await store.update({ title });
      expect(await other.findKeyValueStore({ id: store.id })).toMatchObject({ title });
      expect(await other.listKeyValueStores()).toMatchObject([{ title }]);
    }
  });

  it('is listed with what was written into its metadata within a tick of the clock', async () => {
    slowClock();
    const { backend, path } = await openStore({}, { name: 'first' });
    for (let title = 0; title < 100; title += 1) {
      writeFileSync(join(path, METADATA), JSON.stringify({ id: 'by-hand', name: 'first', title: String(title) }));
      expect(await backend.listKeyValueStores()).toMatchObject([{ title: String(title) }]);
    }
  });
});

/** What a step is taken with. */
interface Scene {
  readonly backend: FsBackend;
  /** A place, and another one. */
  readonly name: string;
  readonly newName: string;
  readonly path: string;
  readonly newPath: string;
  readonly newId: string;
}

const hasNone = ({ newPath }: Scene): boolean => !existsSync(newPath);

/** What is done to a directory without any store in it being needed, through a backend or by hand. */
const ANYWHERE: Record<string, (scene: Scene) => unknown> = {
  open: async ({ backend, name }) => backend.openKeyValueStore({ name }),
  openDefault: async ({ backend }) => backend.openKeyValueStore({}),
  purge: async ({ backend }) => backend.purge(),
  makeBare: ({ path }) => mkdirSync(path, { recursive: true }),
  describe: ({ path, newId }) => existsSync(path) && !existsSync(join(path, METADATA)) && writeMetadata(path, newId),
};

/** What is done to a store. */
const TO_A_STORE: Record<string, (scene: Scene) => unknown> = {
  drop: async ({ backend, name }) => (await backend.openKeyValueStore({ name })).drop(),
  rename: async ({ backend, name, newName }) => (await backend.openKeyValueStore({ name })).update({ name: newName }),
  lose: ({ path }) => rmSync(join(path, METADATA)),
  copy: (scene) => hasNone(scene) && cpSync(scene.path, scene.newPath, { recursive: true }),
  move: (scene) => hasNone(scene) && renameSync(scene.path, scene.newPath),
  replace: ({ path, newId }) => {
    rmSync(path, { recursive: true });
    mkdirSync(path);
    writeMetadata(path, newId);
  },
};

const PLACES = ['a', 'b', 'c', 'd'];
const WHAT = ['open', ...Object.keys(ANYWHERE), ...Object.keys(TO_A_STORE)];
const place = fc.constantFrom(...PLACES);

/** What is done, by which backend, in which places; and whether both know the directory at rest before. */
const step = fc.tuple(fc.constantFrom(...WHAT), fc.constantFrom(0, 1), place, place, fc.boolean());
type Step = readonly [what: string, by: 0 | 1, name: string, newName: string, isAtRest: boolean];

/** Takes a step; one that makes no sense just now is none. */
async function take(what: string, scene: Scene): Promise<void> {
  try {
    await ANYWHERE[what]?.(scene);
    if (existsSync(join(scene.path, METADATA))) await TO_A_STORE[what]?.(scene);
  } catch (error) {
    if (!isKvError(error, 'KV_NAME_TAKEN')) throw error;
  }
}

/** Takes steps, and compares after each what two backends find by ids with what is on disk. */
async function takeAll(steps: readonly Step[]): Promise<void> {
  const dir = tempDir();
  const storesDir = join(dir, 'key_value_stores');
  const backends = [createBackend({ dir }), createBackend({ dir })] as const;
  const ids = new Set(['absent', 'default']);
  for (const [index, [what, by, name, newName, isAtRest]] of steps.entries()) {
    if (isAtRest) await settle(...backends);
    const [path, newPath] = [join(storesDir, name), join(storesDir, newName)];
    await take(what, { backend: backends[by], name, newName, path, newPath, newId: `by-hand-${index}` });
    const names = namesOnDisk(storesDir);
    for (const id of names.keys()) ids.add(id);
    for (const backend of backends) {
      for (const id of ids) {
        const found = await backend.findKeyValueStore({ id });
        expect([id, found !== undefined, found?.name]).toEqual([id, names.has(id), names.get(id)]);
      }
    }
  }
  for (const backend of backends) await backend.close();
}

describe('two backends on one directory find by their ids exactly the stores that are on disk, whatever is done', () => {
  it('with the clock of this file system', { timeout: 120_000 }, async () => {
    await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 20 }), takeAll), { numRuns: 20 });
  });

  it('with a clock that ticks slowly', { timeout: 120_000 }, async () => {
    slowClock();
    await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 20 }), takeAll), { numRuns: 20 });
  });
});

it('lets others have their turn when it looks through many stores for the first time', async () => {
  const { dir } = await openStore();
  for (let index = 0; index < 3000; index += 1) {
    const path = join(dir, 'key_value_stores', `store-${index}`);
    mkdirSync(path);
    writeMetadata(path, `id-${index}`);
  }
  let hadTurn = false;
  setImmediate(() => (hadTurn = true));
  expect(await createBackend({ dir }).findKeyValueStore({ id: 'id-7' })).toMatchObject({ name: 'store-7' });
  expect(hadTurn).toBe(true);
});

it('follows what another process does', async () => {
  const { dir, backend, store } = await openStore({}, { name: 'first' });
  const child = fork(fileURLToPath(new URL('fixtures/change-stores.ts', import.meta.url)), [dir]);
  onTestFinished(() => void child.kill());
  await once(child, 'message');
  const change = async (...message: readonly string[]): Promise<string> => {
    await settle(backend);
    child.send(message);
    return ((await once(child, 'message')) as [string])[0];
  };
  const nameOf = async (id: string): Promise<string | undefined> => (await backend.findKeyValueStore({ id }))?.name;
  const ids: string[] = [];
  for (let round = 0; round < 3; round += 1) {
    const id = await change('create', 'second');
    expect(ids).not.toContain(id);
    expect(await nameOf(id)).toBe('second');
    await change('rename', 'second', 'third');
    expect(await nameOf(id)).toBe('third');
    await change('purge', 'third');
    expect(await nameOf(id)).toBe('third');
    expect(await change('drop', 'third')).toBe(id);
    expect(await nameOf(id)).toBeUndefined();
    ids.push(id);
  }
  expect(await nameOf(store.id)).toBe('first');
});
