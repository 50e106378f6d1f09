import { cpSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createBackend, doctor } from '../src/index.js';
import { age, snapshot } from './doctor-helpers.js';
import { get, listAll, put, tempDir } from './helpers.js';
import { TOOLS } from './interop/tools.js';

describe.each(TOOLS)('the doctor in a directory of $name', ({ fixture }) => {
  /** Copies the store that the tool has made. */
  function copy(): string {
    const dir = tempDir();
    cpSync(join(import.meta.dirname, 'fixtures', 'stores', fixture), dir, { recursive: true });
    age(dir);
    return dir;
  }

  it('finds no damage, and a repair changes nothing', async () => {
    const dir = copy();
    const before = snapshot(dir);
    const { findings } = await doctor({ dir });
    expect(findings.length).toBeGreaterThan(0);
    expect(findings.filter(({ severity }) => severity !== 'info')).toEqual([]);
    expect((await doctor({ dir, repair: true })).findings).toEqual(findings);
    expect(snapshot(dir)).toEqual(before);
  });

  it('finds none where the store is the default one', async () => {
    const dir = copy();
    const stores = join(dir, 'key_value_stores');
    renameSync(join(stores, 'interop'), join(stores, 'default'));
    const before = snapshot(dir);
    const { findings } = await doctor({ dir, repair: true });
    expect(findings.filter(({ severity, isRepaired }) => severity !== 'info' || isRepaired)).toEqual([]);
    expect(snapshot(dir)).toEqual(before);
  });

  it('finds none after kv has written and deleted in it', async () => {
    const dir = copy();
    await using backend = createBackend({ dir });
    const store = await backend.openKeyValueStore({ name: 'interop' });
    await put(store, 'json', '{"by":"kv"}');
    await put(store, 'photo', 'text', 'text/plain');
    await put(store, 'new', 'latin1', 'text/html; charset=latin1');
    await store.deleteRecord('text');
    const records = async (): Promise<unknown[]> =>
      Promise.all((await listAll(store)).map(async ([key]) => [key, await get(store, key)]));
    const before = await records();
    const { findings } = await doctor({ dir, repair: true });
    expect(findings).toMatchObject([{ code: 'foreign-store', severity: 'info', isRepaired: false }]);
    expect(await records()).toEqual(before);
  });
});
