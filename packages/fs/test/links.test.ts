import { existsSync, lstatSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { KeyValueStoreBackend } from '@kv/core';
import { get, listAll, openStore, put, tempDir } from './helpers.js';

interface Linked {
  readonly store: KeyValueStoreBackend;
  /** Path of the link. */
  readonly link: string;
  /** Path of the file that it leads to. */
  readonly target: string;
}

/** Makes a store with a link that somebody has put there by hand. */
async function withLink(): Promise<Linked> {
  const { store, path } = await openStore();
  const target = join(tempDir(), 'notes.txt');
  const link = join(path, 'notes.txt');
  writeFileSync(target, 'mine');
  symlinkSync(target, link);
  return { store, link, target };
}

describe('a link to a file, put into a store by hand', () => {
  it('is the record that it leads to', async () => {
    const { store, target } = await withLink();
    expect(await listAll(store)).toEqual([['notes', 4]]);
    writeFileSync(target, 'mine too');
    expect(await get(store, 'notes')).toEqual(['mine too', 'text/plain']);
  });

  it.each([
    ['a write', async ({ store }: Linked) => put(store, 'notes', 'new', 'text/plain')],
    ['a deletion', async ({ store }: Linked) => store.deleteRecord('notes')],
    ['a purge', async ({ store }: Linked) => store.purge()],
  ])('is taken away by %s, which leaves the file alone that it leads to', async (_what, change) => {
    const linked = await withLink();
    await change(linked);
    expect(readFileSync(linked.target, 'utf8')).toBe('mine');
    expect(existsSync(linked.link) && lstatSync(linked.link).isSymbolicLink()).toBe(false);
  });
});
