import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createBackend, doctor } from '../src/index.js';
import { aroundCalls } from './around-calls.js';
import { age } from './doctor-helpers.js';
import { openStore, rejection } from './helpers.js';

const THEIRS = { id: 'of-another-process', name: 'x', title: 'Theirs' };

/**
 * Stops this process before it replaces the metadata of the store `x`. Meanwhile its gate is broken, and others drop the
 * store and make one in its place. Returns what reads the metadata.
 */
function stopBeforeMetadata(dir: string, id: string): () => unknown {
  const path = join(dir, 'key_value_stores', 'x');
  const metadata = join(path, '__metadata__.json');
  const undo = aroundCalls('renameSync', (rename, _, to) => {
    if (to !== metadata) return rename();
    undo();
    for (const gone of [path, join(dir, '.kv', 'stores', `x@${id}`)]) rmSync(gone, { recursive: true, force: true });
    mkdirSync(path);
    writeFileSync(metadata, JSON.stringify(THEIRS));
    return rename();
  });
  return () => JSON.parse(readFileSync(metadata, 'utf8')) as unknown;
}

describe('who is stopped while changing metadata does not overwrite that of a store made meanwhile', () => {
  it('when it updates a store', async () => {
    const { dir, store } = await openStore({}, { name: 'x' });
    const read = stopBeforeMetadata(dir, store.id);
    expect((await rejection(store.update({ title: 'Mine' }))).code).toBe('KV_STORAGE_NOT_FOUND');
    expect(read()).toEqual(THEIRS);
  });

  it('when it opens a copy of a store', async () => {
    const { dir, store, path } = await openStore({}, { name: 'origin' });
    cpSync(path, join(path, '..', 'x'), { recursive: true });
    const read = stopBeforeMetadata(dir, store.id);
    expect((await createBackend({ dir }).openKeyValueStore({ name: 'x' })).id).toBe(THEIRS.id);
    expect(read()).toEqual(THEIRS);
  });

  it('when the doctor repairs one', async () => {
    const { dir, store, path } = await openStore({}, { name: 'origin' });
    cpSync(path, join(path, '..', 'x'), { recursive: true });
    age(dir);
    const read = stopBeforeMetadata(dir, store.id);
    const { findings } = await doctor({ dir, repair: true });
    expect(findings).toMatchObject([{ code: 'duplicate-id', isRepaired: false }]);
    expect(read()).toEqual(THEIRS);
  });
});
