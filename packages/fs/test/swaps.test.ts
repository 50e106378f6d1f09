import { existsSync, mkdirSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createBackend } from '../src/index.js';
import { aroundCalls } from './around-calls.js';
import { openStore, put, tempDir } from './helpers.js';
import { otherPurge } from './other-process.js';

/** Begins a purge after the nth look at which stores are in hand, and ends it before the next. Returns what counts the looks. */
function purgeBetweenLooks(dir: string, place: string, id: string, nth = 1): () => number {
  const purge = otherPurge(dir, place, id);
  const swaps = join(dir, '.kv', 'swaps');
  mkdirSync(swaps, { recursive: true });
  let looks = 0;
  aroundCalls('readdirSync', (look, at) => {
    if (at !== swaps) return look();
    looks += 1;
    if (looks === nth + 1) purge.end();
    const names = look();
    if (looks === nth) purge.begin();
    return names;
  });
  return () => looks;
}

/** Runs something before a directory is removed, or taken away. */
function beforeRemovalOf(dir: string, run: () => void): void {
  const undos = (['rmSync', 'renameSync'] as const).map((name) => {
    return aroundCalls(name, (call, path) => {
      if (path !== dir) return call();
      for (const undo of undos) undo();
      run();
      return call();
    });
  });
}

describe('a store that one purge after the other has in hand', () => {
  it.each(['stores', 'swaps'])(
    'is found by its handle, where the second ends at a look into .kv/%s',
    async (looked) => {
      const { store, dir, path } = await openStore();
      await put(store, 'k', '1');
      const purge = otherPurge(dir, 'default', store.id);
      purge.begin();
      const gate = join(dir, '.kv', 'stores', `default@${store.id}`);
      const lookThatEndsIt = looked === 'swaps' ? join(dir, '.kv', 'swaps') : gate;
      let looks = 0;
      aroundCalls('readdirSync', (look, at) => {
        // The first look at the gate falls between the two purges.
        if (at === gate && looks++ === 0) {
          purge.end();
          const found = look();
          purge.begin();
          return found;
        }
        if (at === lookThatEndsIt && looks > 0 && !existsSync(path)) purge.end();
        return look();
      });
      expect(await store.getInfo()).toMatchObject({ id: store.id });
      expect(looks).toBeGreaterThan(0);
      expect(existsSync(path)).toBe(true);
    },
  );

  it.each([{ name: 'x' }, { id: 'default' }])('is found by %j', async (ref) => {
    const { store, dir, backend } = await openStore();
    await store.update({ name: 'x' });
    const looks = purgeBetweenLooks(dir, 'x', store.id);
    expect(await backend.findKeyValueStore(ref)).toMatchObject({ id: store.id, name: 'x' });
    expect(looks()).toBeGreaterThan(1);
  });
});

describe('a store that is opened while a purge has it in hand', () => {
  it.each([
    ['by the name that the default one got', {}, { name: 'x' }],
    ['as the default one, which got a name', {}, {}],
    ['by a name, in its second place', { alias: 'x' }, { name: 'x' }],
  ] as const)('is not made a second time, %s', async (_, first, ref) => {
    const dir = tempDir();
    const backend = createBackend({ dir, defaultKeyValueStoreId: 'main' });
    const earlier = await backend.openKeyValueStore(first);
    const store = 'alias' in first ? await backend.openKeyValueStore({ name: 'x' }) : earlier;
    if ('alias' in first) await earlier.drop();
    else await store.update({ name: 'x' });
    const stores = join(dir, 'key_value_stores');
    const [place = ''] = readdirSync(stores);
    const looks = purgeBetweenLooks(dir, place, store.id);
    const opened = await createBackend({ dir, defaultKeyValueStoreId: 'main' }).openKeyValueStore(ref);
    expect(opened.id).toBe(store.id);
    expect(readdirSync(stores)).toEqual([place]);
    expect(looks()).toBeGreaterThan(1);
  });

  it('keeps its id to itself', async () => {
    const { dir, backend, store } = await openStore();
    await store.update({ name: 'x' });
    const looks = purgeBetweenLooks(dir, 'x', 'default', 2);
    expect((await backend.openKeyValueStore({})).id).not.toBe('default');
    expect(looks()).toBeGreaterThan(2);
  });
});

describe('the mark of a swap that is over', () => {
  it('is not taken for that of the next purge, which has just put it down', async () => {
    const { store, dir, backend } = await openStore();
    await put(store, 'k', '1');
    const { mark, begin } = otherPurge(dir, 'default', store.id);
    mkdirSync(mark, { recursive: true });
    const outcomes: string[] = [];
    beforeRemovalOf(mark, () => {
      try {
        begin();
        outcomes.push('begun');
      } catch {
        outcomes.push('waits for the gate');
      }
    });
    await backend.listKeyValueStores();
    expect(outcomes).toEqual(['waits for the gate']);
    expect(existsSync(mark)).toBe(false);
  });

  it('is not taken from the next purge by one that was stopped before its last step', async () => {
    const { store, dir } = await openStore();
    await put(store, 'k', '1');
    const gate = join(dir, '.kv', 'stores', 'default@default');
    const { mark, begin } = otherPurge(dir, 'default', 'default');
    beforeRemovalOf(mark, () => {
      const held = readdirSync(gate).find((name) => name.startsWith('held-')) ?? '';
      renameSync(join(gate, held), join(gate, 'tmp'));
      begin();
    });
    await store.purge();
    expect(existsSync(mark)).toBe(true);
  });

  it('goes with a store that is gone', async () => {
    const { store, dir } = await openStore({}, { name: 'x' });
    const mark = join(dir, '.kv', 'swaps', `x@${store.id}`);
    await store.drop();
    mkdirSync(mark, { recursive: true });
    expect(await createBackend({ dir }).listKeyValueStores()).toEqual([]);
    expect(existsSync(mark)).toBe(false);
    expect(existsSync(join(dir, '.kv', 'stores', `x@${store.id}`))).toBe(false);
  });
});
