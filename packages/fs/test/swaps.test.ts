import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createBackend } from '../src/index.js';
import { aroundCalls } from './around-calls.js';
import { openStore, put } from './helpers.js';
import { otherPurge } from './other-process.js';

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
