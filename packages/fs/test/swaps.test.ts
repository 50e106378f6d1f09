import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createBackend } from '../src/index.js';
import { aroundCalls } from './around-calls.js';
import { openStore, put } from './helpers.js';
import { otherPurge } from './other-process.js';

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
});

describe('the mark of a swap that is over', () => {
  it('is not taken for that of the next purge, which has just put it down', async () => {
    const { store, dir, backend } = await openStore();
    await put(store, 'k', '1');
    const { mark, begin } = otherPurge(dir, 'default', store.id);
    mkdirSync(mark, { recursive: true });
    let hasBegun = false;
    const undo = aroundCalls('rmSync', (remove, path) => {
      if (path === mark) {
        undo();
        try {
          begin();
          hasBegun = true;
        } catch {
          // It finds the gate closed, and waits.
        }
      }
      return remove();
    });
    await backend.listKeyValueStores();
    expect({ hasBegun, isMarked: existsSync(mark) }).toEqual({ hasBegun: false, isMarked: false });
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
