import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createBackend } from '../src/index.js';
import { aroundCalls } from './around-calls.js';
import { openStore, rejection, tempDir } from './helpers.js';

/** Lets the metadata of a store be missing to the next who open it, as through FUSE while it is being replaced. */
function missMetadata(path: string, times: number): void {
  let left = times;
  aroundCalls('openSync', (open, opened) => {
    if (opened !== join(path, '__metadata__.json') || left === 0) return open();
    left -= 1;
    throw Object.assign(new Error('injected'), { code: 'ENOENT', syscall: 'open' });
  });
}

describe('metadata that is missing for a moment', () => {
  it.each([1, 2, 3, 4, 5, 6, 7])('does not make a second store of a name: missing to %i who open it', async (times) => {
    const { dir, store, path } = await openStore({}, { name: 'x' });
    missMetadata(path, times);
    expect((await createBackend({ dir }).openKeyValueStore({ name: 'x' })).id).toBe(store.id);
    expect(readdirSync(join(dir, 'key_value_stores'))).toEqual(['x']);
  });

  it.each([1, 2, 3])('leaves no store out of a list: missing to %i who open it', async (times) => {
    const { dir, store, path } = await openStore({}, { name: 'x' });
    missMetadata(path, times);
    expect(await createBackend({ dir }).listKeyValueStores()).toMatchObject([{ id: store.id }]);
  });

  it('leaves no store out of a list: missing to one who looks at it', async () => {
    const { dir, store, path } = await openStore({}, { name: 'x' });
    const undo = aroundCalls('statSync', (look, looked) => {
      if (looked !== join(path, '__metadata__.json')) return look();
      undo();
      return undefined;
    });
    expect(await createBackend({ dir }).listKeyValueStores()).toMatchObject([{ id: store.id }]);
  });

  it('is looked for once where there was none, however often an id is searched', async () => {
    const { dir, store } = await openStore({}, { name: 'x' });
    mkdirSync(join(dir, 'key_value_stores', 'blank'));
    const backend = createBackend({ dir });
    await backend.listKeyValueStores();
    const looks: string[] = [];
    aroundCalls('statSync', (look, looked = '') => {
      if (looked.includes('blank')) looks.push(looked);
      return look();
    });
    for (let count = 0; count < 3; count += 1) await backend.openKeyValueStore({ id: store.id });
    expect(looks).toEqual(Array.from({ length: 3 }, () => join(dir, 'key_value_stores', 'blank', '__metadata__.json')));
  });

  it('does not put a store in another place because a third process has dropped one of its name', async () => {
    const dir = tempDir();
    const stores = join(dir, 'key_value_stores');
    const path = join(stores, 'x');
    const undo = aroundCalls('readdirSync', (list, listed) => {
      if (listed !== path) return list();
      undo();
      // One has made the store since it was looked for, and one drops it before it is read.
      mkdirSync(path, { recursive: true });
      writeFileSync(join(path, '__metadata__.json'), JSON.stringify({ id: 'of-another-process', name: 'x' }));
      const names = list();
      rmSync(path, { recursive: true });
      return names;
    });
    const store = await createBackend({ dir }).openKeyValueStore({ name: 'x' });
    expect(store.id).not.toBe('of-another-process');
    expect(readdirSync(stores)).toEqual(['x']);
  });

  it('is not looked for without end', async () => {
    const { dir, path } = await openStore({}, { name: 'x' });
    missMetadata(path, Infinity);
    expect(await rejection(createBackend({ dir }).openKeyValueStore({ name: 'x' }))).toMatchObject({
      code: 'KV_STORAGE_NOT_FOUND',
      details: { path },
    });
    expect(readdirSync(join(dir, 'key_value_stores'))).toEqual(['x']);
  });
});
