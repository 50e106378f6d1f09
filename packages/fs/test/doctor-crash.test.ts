import { cpSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import type { StorageBackend } from '@kv/core';
import { createBackend, doctor } from '../src/index.js';
import { age } from './doctor-helpers.js';
import { get, JSON_TYPE, listAll, openStore, put, tempDir } from './helpers.js';
import { stopBefore } from './stop-before.js';

// What a crash of kv may leave is legal, and no damage.
const LEGAL = new Set(['temp-file', 'trash', 'unfinished-write', 'metadata-missing', 'store-moved']);

let origin: string;

beforeEach(async () => {
  const { dir, backend, store } = await openStore();
  await put(store, 'json', '"old"');
  await put(store, 'text', 'old', 'text/plain');
  await put(store, 'clip', 'old', 'video/mp4');
  await put(await backend.openKeyValueStore({ name: 'named' }), 'k', '"old"');
  await put(await backend.openKeyValueStore({ alias: 'scratch' }), 'k', '"old"');
  origin = dir;
});

type Change = readonly [what: string, apply: (backend: StorageBackend) => Promise<unknown>];

const TYPES = [JSON_TYPE, 'application/json', 'text/plain', 'video/mp4', 'image/png'];
const CHANGES: readonly Change[] = [
  ...['json', 'text', 'clip', 'new'].flatMap((key) => [
    ...TYPES.map((type): Change => [
      `writing ${key} as ${type}`,
      async (backend) => put(await backend.openKeyValueStore({}), key, '"new"', type),
    ]),
    [`deleting ${key}`, async (backend) => (await backend.openKeyValueStore({})).deleteRecord(key)] satisfies Change,
  ]),
  ['purging', async (backend) => backend.purge()],
  ['dropping', async (backend) => (await backend.openKeyValueStore({ name: 'named' })).drop()],
  ['renaming', async (backend) => (await backend.openKeyValueStore({ name: 'named' })).update({ name: 'renamed' })],
  ['naming', async (backend) => (await backend.openKeyValueStore({ alias: 'scratch' })).update({ name: 'kept' })],
  ['creating', async (backend) => backend.openKeyValueStore({ name: 'created' })],
];

/** Writes as a process that dies before one of its steps; tells whether it came through. */
async function stoppedPut(dir: string, step: number, contentType: string): Promise<boolean> {
  const undo = stopBefore(step);
  onTestFinished(undo);
  const isDone = await createBackend({ dir })
    .openKeyValueStore({})
    .then(async (store) => put(store, 'k'.repeat(256), contentType, contentType))
    .then(
      () => true,
      () => false,
    );
  undo();
  dieWriters(dir);
  return isDone;
}

it('finds no damage after two stops, one after the other, of changes of the type of a key that is too long', async () => {
  const dir = tempDir();
  cpSync(origin, dir, { recursive: true });
  await stoppedPut(dir, Number.POSITIVE_INFINITY, 'text/plain');
  for (let first = 1, isFirstDone = false; !isFirstDone; first += 1) {
    const once = tempDir();
    cpSync(dir, once, { recursive: true });
    isFirstDone = await stoppedPut(once, first, 'text/html');
    for (let second = 1, isDone = false; !isDone; second += 1) {
      const twice = tempDir();
      cpSync(once, twice, { recursive: true });
      isDone = await stoppedPut(twice, second, 'video/mp4');
      age(twice);
      const { findings } = await doctor({ dir: twice });
      expect(findings.filter(({ code, severity }) => severity !== 'info' || !LEGAL.has(code))).toEqual([]);
      rmSync(twice, { recursive: true });
    }
    rmSync(once, { recursive: true });
  }
});

it.each(CHANGES)('finds no damage after a stop at any step of %s, and clears up', async (_what, apply) => {
  let isDone = false;
  for (let step = 1; !isDone; step += 1) {
    const dir = tempDir();
    cpSync(origin, dir, { recursive: true });
    const undo = stopBefore(step);
    onTestFinished(undo);
    isDone = await apply(createBackend({ dir })).then(
      () => true,
      () => false,
    );
    undo();
    dieWriters(dir);
    age(dir);
    const { findings } = await doctor({ dir });
    expect(findings.filter(({ code, severity }) => severity !== 'info' || !LEGAL.has(code))).toEqual([]);

    const before = await recordsOf(dir);
    await doctor({ dir, repair: true });
    expect(await recordsOf(dir)).toEqual(before);
    const again = await doctor({ dir });
    expect(again.findings.filter(({ code }) => code !== 'trash')).toEqual([]);
    rmSync(dir, { recursive: true });
  }
});

/** Makes what this process has left behind look as if a process had that is no more. */
function dieWriters(dir: string): void {
  const entries = readdirSync(join(dir, '.kv'), { withFileTypes: true, recursive: true });
  const paths = entries.map(({ parentPath, name }) => join(parentPath, name)).toSorted();
  // What lies deeper has to be renamed first.
  for (const path of paths.toReversed()) {
    const name = basename(path).replace(`-${process.pid}-`, '-999999999-');
    renameSync(path, join(dirname(path), name));
  }
}

/** Reads all records of the default store, in a copy, since opening repairs too. */
async function recordsOf(dir: string): Promise<unknown[]> {
  const copy = tempDir();
  cpSync(dir, copy, { recursive: true });
  const store = await createBackend({ dir: copy }).openKeyValueStore({});
  return Promise.all((await listAll(store)).map(async ([key]) => [key, await get(store, key)]));
}
