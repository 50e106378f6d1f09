import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { StorageRef } from '@kv/core';
import { createBackend } from '../src/index.js';
import { get, JSON_TYPE, listAll, openStore, put, rejection, tempDir } from './helpers.js';

const ID = /^[a-zA-Z0-9]{17}$/;

function metadataOf(path: string): Record<string, unknown> {
  return JSON.parse(readFileSync(join(path, '__metadata__.json'), 'utf8')) as Record<string, unknown>;
}

describe('opening', () => {
  it('creates nothing before the first store is opened', () => {
    const dir = join(tempDir(), 'storage');
    createBackend({ dir });
    expect(existsSync(dir)).toBe(false);
  });

  it('opens the default store, whose id is "default"', async () => {
    const { store, path, backend } = await openStore();
    expect(store.id).toBe('default');
    expect(metadataOf(path)).toMatchObject({ id: 'default', name: null });
    for (const ref of [{ id: 'default' }, { alias: 'default' }, { alias: '__default__' }]) {
      expect(await backend.openKeyValueStore(ref)).toBe(store);
    }
  });

  it('opens a configured default store under its id', async () => {
    const { store, dir } = await openStore({ defaultKeyValueStoreId: 'Run-7' });
    expect(store.id).toBe('Run-7');
    expect(readdirSync(join(dir, 'key_value_stores'))).toEqual(['Run-7']);
  });

  it('finds a configured default store by its id under the name that it has', async () => {
    const { dir, store } = await openStore({}, { name: 'kept' });
    const reopened = await createBackend({ dir, defaultKeyValueStoreId: store.id }).openKeyValueStore({});
    expect(reopened.id).toBe(store.id);
    expect(readdirSync(join(dir, 'key_value_stores'))).toEqual(['kept']);
  });

  it('keeps the id of a named store across backends, and finds the store by it', async () => {
    const { dir, store, path } = await openStore({}, { name: 'my-store' });
    expect(store.id).toMatch(ID);
    expect(metadataOf(path)).toMatchObject({ id: store.id, name: 'my-store' });
    await put(store, 'k', '1');
    const other = createBackend({ dir });
    expect((await other.openKeyValueStore({ name: 'my-store' })).id).toBe(store.id);
    expect(await get(await other.openKeyValueStore({ id: store.id }), 'k')).toEqual(['1', JSON_TYPE]);
  });

  it('refuses an id that no store has, and does not take a name for one', async () => {
    const { backend, dir } = await openStore({}, { name: 'my-store' });
    for (const id of ['nope', 'my-store', '../my-store', '']) {
      const error = await rejection(backend.openKeyValueStore({ id }));
      expect(error.code).toBe('KV_STORAGE_NOT_FOUND');
      expect(error.message).toContain(`with the id ${JSON.stringify(id)} in ${dir}`);
    }
    expect(readdirSync(join(dir, 'key_value_stores'))).toEqual(['my-store']);
  });

  it('keeps names, aliases and the default apart', async () => {
    const { backend, dir } = await openStore();
    const refs = [{ name: 'same' }, { alias: 'same' }, { name: 'default' }, {}];
    const stores = await Promise.all(refs.map((ref) => backend.openKeyValueStore(ref)));
    expect(new Set(stores.map(({ id }) => id)).size).toBe(4);
    for (const [index, store] of stores.entries()) await put(store, 'k', String(index));
    const reopened = createBackend({ dir });
    for (const [index, ref] of refs.entries()) {
      expect(await get(await reopened.openKeyValueStore(ref), 'k')).toEqual([String(index), JSON_TYPE]);
    }
    expect((await stores[1]?.getInfo())?.alias).toBe('same');
    expect((await stores[2]?.getInfo())?.name).toBe('default');
  });

  it('makes one store of a name that 20 open at once, in several backends', async () => {
    const dir = tempDir();
    const backends = [1, 2, 3, 4].map(() => createBackend({ dir }));
    const opens = Array.from({ length: 20 }, async (_, index) =>
      backends[index % 4]?.openKeyValueStore({ name: 'new' }),
    );
    expect(new Set((await Promise.all(opens)).map((store) => store?.id)).size).toBe(1);
  });

  it('takes a directory over that has no metadata, but not for an alias', async () => {
    const dir = tempDir();
    mkdirSync(join(dir, 'key_value_stores', 'old'), { recursive: true });
    writeFileSync(join(dir, 'key_value_stores', 'old', 'INPUT.json'), '{}');
    const backend = createBackend({ dir });
    const alias = await backend.openKeyValueStore({ alias: 'old' });
    expect(await listAll(alias)).toEqual([]);
    expect(await listAll(await backend.openKeyValueStore({ name: 'old' }))).toEqual([['INPUT', 2]]);
    await backend.purge();
    expect(await listAll(await backend.openKeyValueStore({ name: 'old' }))).toEqual([['INPUT', 2]]);
  });

  it('reads metadata of other tools, and keeps what it does not know', async () => {
    const dir = tempDir();
    const path = join(dir, 'key_value_stores', 'theirs');
    mkdirSync(path, { recursive: true });
    const foreign = { id: 'abc', name: 'theirs', created_at: '2024-05-06 07:08:09.123456+00:00', userId: '1' };
    writeFileSync(join(path, '__metadata__.json'), JSON.stringify(foreign));
    const store = await createBackend({ dir }).openKeyValueStore({ id: 'abc' });
    expect((await store.getInfo()).createdAt).toEqual(new Date('2024-05-06T07:08:09.123Z'));
    await store.update({ title: 'Theirs' });
    expect(metadataOf(path)).toMatchObject({ userId: '1', title: 'Theirs', name: 'theirs' });
  });

  it.each(['not JSON', '{}', '[]', 'null'])(
    'reports metadata that is %j, and serves the other stores',
    async (text) => {
      const { dir, backend, path } = await openStore({}, { name: 'bad' });
      await backend.openKeyValueStore({ name: 'good' });
      writeFileSync(join(path, '__metadata__.json'), text);
      const other = createBackend({ dir });
      const error = await rejection(other.openKeyValueStore({ name: 'bad' }));
      expect(error.code).toBe('KV_STORAGE_CORRUPT');
      expect(error.message).toContain(join(path, '__metadata__.json'));
      expect((await other.listKeyValueStores()).map(({ name }) => name)).toEqual(['good']);
      await other.openKeyValueStore({ name: 'good' });
    },
  );

  it('does not mind the size of the store', async () => {
    const { dir, path } = await openStore();
    for (let index = 0; index < 3000; index += 1) writeFileSync(join(path, `k${index}.json`), '1');
    rmSync(join(path, 'k5.json'));
    mkdirSync(join(path, 'k5.json'));
    expect(await get(await createBackend({ dir }).openKeyValueStore({}), 'k77')).toEqual(['1', JSON_TYPE]);
  });

  it('refuses references that are not one', async () => {
    const { backend } = await openStore();
    await expect(backend.openKeyValueStore({ id: 'a', name: 'b' })).rejects.toThrow(TypeError);
    expect((await rejection(backend.openKeyValueStore({ name: '../x' }))).code).toBe('KV_NAME_INVALID');
    expect((await rejection(backend.openKeyValueStore({ alias: 'a/b' }))).code).toBe('KV_NAME_INVALID');
  });

  it('opens an alias whose directories have lost their metadata', async () => {
    const { dir, store, path } = await openStore({}, { alias: 'al' });
    await put(store, 'k', '1');
    rmSync(join(path, '__metadata__.json'));
    const second = await createBackend({ dir }).openKeyValueStore({ alias: 'al' });
    const place = readdirSync(join(dir, 'key_value_stores')).find((name) => name !== 'al') ?? '';
    await put(second, 'k', '2');
    rmSync(join(dir, 'key_value_stores', place, '__metadata__.json'));
    const third = await createBackend({ dir }).openKeyValueStore({ alias: 'al' });
    expect(await get(third, 'k')).toEqual(['2', JSON_TYPE]);
  });

  it('is not kept from a store by another one that cannot be read', async () => {
    const { dir, backend } = await openStore({}, { name: 'good' });
    mkdirSync(join(dir, 'key_value_stores', 'bad', '__metadata__.json'), { recursive: true });
    writeFileSync(join(dir, 'key_value_stores', 'file'), 'x');
    await backend.purge();
    expect((await backend.listKeyValueStores()).map(({ name }) => name)).toEqual(['good']);
  });

  it.each(['a/../../escaped', '..', '', 'a b'])('refuses %j as the id of the default store', (id) => {
    expect(() => createBackend({ defaultKeyValueStoreId: id })).toThrow('The storage alias');
  });

  it('refuses options that are not what they should be', () => {
    expect(() => createBackend({ dir: 5 as never })).toThrow('The option "dir" must be the path of a directory.');
    expect(() => createBackend({ dir: '' })).toThrow(TypeError);
    expect(() => createBackend({ durability: 'never' as never })).toThrow('must be "rename" or "fsync"');
  });

  it.each<StorageRef>([{ name: 'x' }, { alias: 'x' }, {}])(
    'reports metadata that is a link to nowhere, and makes no second store, by %j',
    async (ref) => {
      const { dir, backend, path } = await openStore({}, ref);
      rmSync(join(path, '__metadata__.json'));
      symlinkSync('nowhere', join(path, '__metadata__.json'));
      const error = await rejection(backend.openKeyValueStore(ref));
      expect(error).toMatchObject({ code: 'KV_STORAGE_CORRUPT', details: { path: join(path, '__metadata__.json') } });
      expect(error.message).toContain('it is a link that leads nowhere. Mend it, or delete it');
      expect(readdirSync(join(dir, 'key_value_stores'))).toEqual([basename(path)]);
      rmSync(join(path, '__metadata__.json'));
      await backend.openKeyValueStore(ref);
      expect(readdirSync(join(dir, 'key_value_stores'))).toEqual([basename(path)]);
    },
  );
});

describe('finding and listing', () => {
  it('finds a store without creating it', async () => {
    const { backend, dir } = await openStore({}, { name: 'here' });
    expect(await backend.findKeyValueStore({ name: 'here' })).toMatchObject({ name: 'here' });
    for (const ref of [{ name: 'gone' }, { id: 'gone' }, { alias: 'gone' }, {}]) {
      expect(await backend.findKeyValueStore(ref)).toBeUndefined();
    }
    expect(readdirSync(join(dir, 'key_value_stores'))).toEqual(['here']);
  });

  it('lists all stores in the order in which they were created', async () => {
    const { backend } = await openStore({}, { name: 'zero' });
    for (const name of ['b', 'a', 'c']) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      await backend.openKeyValueStore({ name });
    }
    expect((await backend.listKeyValueStores()).map(({ name }) => name)).toEqual(['zero', 'b', 'a', 'c']);
    expect(await createBackend({ dir: join(tempDir(), 'none') }).listKeyValueStores()).toEqual([]);
  });
});

describe('metadata', () => {
  it('tells when the store was modified, and does not write on reading', async () => {
    const { store, path } = await openStore({}, { name: 'x' });
    const before = await store.getInfo();
    await new Promise((resolve) => setTimeout(resolve, 20));
    await put(store, 'k', '1');
    const after = await store.getInfo();
    expect(after.createdAt).toEqual(before.createdAt);
    expect(after.modifiedAt.getTime()).toBeGreaterThan(before.modifiedAt.getTime());
    const text = readFileSync(join(path, '__metadata__.json'), 'utf8');
    await store.getRecord('k');
    await listAll(store);
    expect(readFileSync(join(path, '__metadata__.json'), 'utf8')).toBe(text);
  });

  it('changes and removes title and access', async () => {
    const { store } = await openStore({}, { name: 'x' });
    await store.update({ title: 'A title', generalAccess: 'RESTRICTED' });
    expect(await store.update({ title: null })).not.toHaveProperty('title');
    expect(await store.getInfo()).toMatchObject({ name: 'x', generalAccess: 'RESTRICTED' });
  });

  it('renames a store under open handles, in this backend and in another', async () => {
    const { store, dir, backend } = await openStore({}, { name: 'old' });
    const elsewhere = await createBackend({ dir }).openKeyValueStore({ name: 'old' });
    await put(store, 'k', '1');
    expect(await store.update({ name: 'new' })).toMatchObject({ id: store.id, name: 'new' });
    expect(await get(store, 'k')).toEqual(['1', JSON_TYPE]);
    await put(elsewhere, 'k', '2');
    expect(await get(store, 'k')).toEqual(['2', JSON_TYPE]);
    expect(await backend.findKeyValueStore({ name: 'old' })).toBeUndefined();
    expect((await backend.openKeyValueStore({ name: 'new' })).id).toBe(store.id);
    expect(readdirSync(join(dir, 'key_value_stores'))).toEqual(['new']);
  });

  it('refuses a name that another store has', async () => {
    const { store, backend } = await openStore({}, { name: 'one' });
    await backend.openKeyValueStore({ name: 'two' });
    expect((await rejection(store.update({ name: 'two' }))).code).toBe('KV_NAME_TAKEN');
    expect((await rejection(store.update({ name: 'bad name' }))).code).toBe('KV_NAME_INVALID');
    expect(await store.update({ name: 'one' })).toMatchObject({ name: 'one' });
  });

  it('keeps for good what was given a name', async () => {
    const { store, backend, dir } = await openStore({}, { alias: 'scratch' });
    await put(store, 'k', '1');
    await store.update({ name: 'kept' });
    await backend.purge();
    expect(await get(store, 'k')).toEqual(['1', JSON_TYPE]);
    expect((await backend.openKeyValueStore({ alias: 'scratch' })).id).not.toBe(store.id);
    expect((await createBackend({ dir }).findKeyValueStore({ name: 'kept' }))?.id).toBe(store.id);
  });

  it('takes the name of its directory after a rename that was cut short', async () => {
    const { store, dir, path } = await openStore({}, { name: 'old' });
    renameSync(path, join(dir, 'key_value_stores', 'new'));
    const reopened = await createBackend({ dir }).openKeyValueStore({ name: 'new' });
    expect(reopened.id).toBe(store.id);
    expect(await reopened.getInfo()).toMatchObject({ name: 'new' });
  });

  it('gives the default store that is made after a rename another id', async () => {
    const { store, backend } = await openStore();
    await put(store, 'A', '1');
    await store.update({ name: 'kept' });
    const next = await backend.openKeyValueStore({});
    expect(next.id).not.toBe(store.id);
    await put(next, 'B', '2');
    expect((await listAll(store)).map(([key]) => key)).toEqual(['A']);
    expect((await listAll(next)).map(([key]) => key)).toEqual(['B']);
  });

  it('finds a named store whose name is the id of the default store', async () => {
    const { dir, store } = await openStore({}, { name: 'pics' });
    const backend = createBackend({ dir, defaultKeyValueStoreId: 'pics' });
    expect((await backend.openKeyValueStore({ name: 'pics' })).id).toBe(store.id);
    expect(readdirSync(join(dir, 'key_value_stores'))).toEqual(['pics']);
  });

  it('looks up without writing', async () => {
    const { dir, path } = await openStore({}, { name: 'original' });
    const copy = join(dir, 'key_value_stores', 'copy');
    cpSync(path, copy, { recursive: true });
    const before = readFileSync(join(copy, '__metadata__.json'), 'utf8');
    expect(await createBackend({ dir }).findKeyValueStore({ name: 'copy' })).toMatchObject({ name: 'copy' });
    expect(readFileSync(join(copy, '__metadata__.json'), 'utf8')).toBe(before);
  });

  it('refuses changes of the wrong type', async () => {
    const { store } = await openStore({}, { name: 'x' });
    await expect(store.update({ title: 5 } as never)).rejects.toThrow('The title of a store must be a string or null');
  });

  it('gives a copy of a directory an id of its own', async () => {
    const { store, dir, path, backend } = await openStore({}, { name: 'original' });
    await put(store, 'k', '1');
    cpSync(path, join(dir, 'key_value_stores', 'copy'), { recursive: true });
    const copy = await backend.openKeyValueStore({ name: 'copy' });
    expect(copy.id).not.toBe(store.id);
    await put(copy, 'k', '2');
    expect(await get(store, 'k')).toEqual(['1', JSON_TYPE]);
  });

  it('goes by its directory after a rename that was cut short, also in listings and by its id', async () => {
    const { store, dir, path } = await openStore({}, { name: 'original' });
    await put(store, 'k', '1');
    renameSync(path, join(dir, 'key_value_stores', 'moved'));
    const backend = createBackend({ dir });
    expect((await backend.listKeyValueStores()).map(({ id, name }) => [id, name])).toEqual([[store.id, 'moved']]);
    const found = await backend.openKeyValueStore({ id: store.id });
    expect(await found.getInfo()).toMatchObject({ name: 'moved' });
    expect((await backend.openKeyValueStore({ name: 'moved' })).id).toBe(store.id);
    expect((await backend.openKeyValueStore({ name: 'original' })).id).not.toBe(store.id);
  });

  it.each(['alias', 'default'])('never purges a store (%s) whose naming was cut short', async (kind) => {
    const { store, dir, path, backend } = await openStore({}, kind === 'alias' ? { alias: 'scratch' } : {});
    await put(store, 'k', '1');
    await backend.close();
    renameSync(path, join(dir, 'key_value_stores', 'kept'));
    const later = createBackend({ dir });
    await later.purge();
    const kept = await later.openKeyValueStore({ name: 'kept' });
    expect(kept.id).toBe(store.id);
    expect(await listAll(kept)).toEqual([['k', 1]]);
    expect(readdirSync(join(dir, 'key_value_stores'))).toContain('kept');
    const again = await later.openKeyValueStore(kind === 'alias' ? { alias: 'scratch' } : {});
    expect(again.id).not.toBe(store.id);
    expect(await listAll(again)).toEqual([]);
  });

  it('gives an alias store the name that its alias is', async () => {
    const { store, backend, path } = await openStore({}, { alias: 'same' });
    await put(store, 'k', '1');
    expect(await store.update({ name: 'same' })).toMatchObject({ id: store.id, name: 'same' });
    await put(store, 'k', '2', 'text/plain');
    expect(existsSync(path)).toBe(true);
    expect((await backend.openKeyValueStore({ name: 'same' })).id).toBe(store.id);
    expect((await backend.openKeyValueStore({ alias: 'same' })).id).not.toBe(store.id);
  });

  it('by another process is followed by reads, also where a new store has taken the old name', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    onTestFinished(() => void vi.useRealTimers());
    const { dir, store } = await openStore({}, { name: 'x' });
    await put(store, 'k', '"mine"');
    const other = createBackend({ dir });
    await (await other.openKeyValueStore({ name: 'x' })).update({ name: 'y' });
    await put(await other.openKeyValueStore({ name: 'x' }), 'k', '"another"');
    vi.advanceTimersByTime(100);
    expect(await get(store, 'k')).toEqual(['"mine"', JSON_TYPE]);
  });
});

describe('drop', () => {
  it('removes the store under every handle, and lets its name be used again', async () => {
    const { store, dir, path, backend } = await openStore({}, { name: 'x' });
    await put(store, 'k', '1');
    const elsewhere = await createBackend({ dir }).openKeyValueStore({ name: 'x' });
    await store.drop();
    expect(existsSync(path)).toBe(false);
    for (const handle of [store, elsewhere]) {
      for (const call of [
        () => handle.getInfo(),
        () => handle.getRecord('k'),
        () => put(handle, 'k', '2'),
        () => listAll(handle),
        () => handle.drop(),
      ]) {
        expect((await rejection(call())).code).toBe('KV_STORAGE_NOT_FOUND');
      }
    }
    expect(existsSync(path)).toBe(false);
    const again = await backend.openKeyValueStore({ name: 'x' });
    expect(again.id).not.toBe(store.id);
    expect(await listAll(again)).toEqual([]);
    await backend.close();
    expect(readdirSync(join(dir, '.kv', 'trash'))).toEqual([]);
  });

  it('is noticed by handles of other processes, also where a new store has taken the name', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    onTestFinished(() => void vi.useRealTimers());
    const { dir, store } = await openStore({}, { name: 'x' });
    await put(store, 'k', '"old"');
    expect(await get(store, 'k')).toEqual(['"old"', JSON_TYPE]);
    const other = createBackend({ dir });
    await (await other.openKeyValueStore({ name: 'x' })).drop();
    await put(await other.openKeyValueStore({ name: 'x' }), 'k', '"new"');
    vi.advanceTimersByTime(100);
    for (const call of [
      () => store.getRecord('k'),
      () => store.getRecordStream('k'),
      () => store.getRecordInfo('k'),
      () => store.getPublicUrl('k'),
      () => listAll(store),
      () => put(store, 'k', '"late"'),
    ]) {
      expect((await rejection(call())).code).toBe('KV_STORAGE_NOT_FOUND');
    }
    expect(await get(await other.openKeyValueStore({ name: 'x' }), 'k')).toEqual(['"new"', JSON_TYPE]);
  });

  it('lets the default store be opened again at once', async () => {
    const { store, backend } = await openStore();
    await put(store, 'k', '1');
    const dropping = store.drop();
    const again = await backend.openKeyValueStore({});
    await dropping;
    expect(await listAll(again)).toEqual([]);
    await put(again, 'k', '2');
    expect(await get(again, 'k')).toEqual(['2', JSON_TYPE]);
  });
});

describe('purge', () => {
  const sidecar = (key: string, file: string): string => JSON.stringify({ key, contentType: 'text/x', file });
  const files: Readonly<Record<string, string>> = {
    'INPUT.json': '1',
    'INPUT.xml': '1',
    'INPUT.__metadata__.json': sidecar('INPUT', 'INPUT.xml'),
    'input.txt': '1',
    'MY_IN.json': '1',
    'MY_IN.png': '1',
    'INPUTS.json': '1',
    'a.json': '1',
    'b.txt': '1',
    'b.__metadata__.json': sidecar('b', 'b.txt'),
    'left~1.png': '1',
    '.gitignore': '*',
  };
  const fill = async (path: string): Promise<void> => {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text);
    mkdirSync(join(path, 'sub'));
  };

  it('empties the default and alias stores, keeps the input in every form, and counts', async () => {
    const { backend, path, store } = await openStore();
    const alias = await backend.openKeyValueStore({ alias: 'scratch' });
    await put(alias, 'k', '1', 'text/plain');
    await fill(path);
    expect(await backend.purge({ keepKeys: ['MY_IN'] })).toEqual([
      { id: 'default', label: 'default', removed: 3, kept: 3 },
      { id: alias.id, label: 'scratch', removed: 1, kept: 0 },
    ]);
    expect(readdirSync(path).toSorted()).toEqual(
      [
        '.gitignore',
        'INPUT.__metadata__.json',
        'INPUT.json',
        'INPUT.xml',
        'MY_IN.json',
        'MY_IN.png',
        '__metadata__.json',
        'input.txt',
        'sub',
      ].toSorted(),
    );
    expect(await get(store, 'INPUT')).toEqual(['1', 'text/x']);
    expect(await listAll(alias)).toEqual([]);
  });

  it('never touches named and unknown stores', async () => {
    const { backend, dir, store } = await openStore({}, { name: 'kept' });
    await put(store, 'k', '1');
    const unknown = join(dir, 'key_value_stores', 'unknown');
    mkdirSync(unknown);
    writeFileSync(join(unknown, 'a.json'), '1');
    const unnamed = join(dir, 'key_value_stores', 'abcdefghijklmnopq');
    mkdirSync(unnamed);
    writeFileSync(join(unnamed, '__metadata__.json'), '{"id":"abcdefghijklmnopq","name":null}');
    writeFileSync(join(unnamed, 'a.json'), '1');
    await backend.purge();
    expect(await get(store, 'k')).toEqual(['1', JSON_TYPE]);
    expect(existsSync(join(unknown, 'a.json'))).toBe(true);
    expect(existsSync(join(unnamed, 'a.json'))).toBe(true);
  });

  it('does not purge a named store that is the configured default', async () => {
    const { dir, store } = await openStore({}, { name: 'precious' });
    await put(store, 'k', '1');
    await createBackend({ dir, defaultKeyValueStoreId: 'precious' }).purge();
    await createBackend({ dir, defaultKeyValueStoreId: store.id }).purge();
    expect(await get(store, 'k')).toEqual(['1', JSON_TYPE]);
  });

  it('purges the default also before it was ever opened, and a configured one that it made itself', async () => {
    const dir = tempDir();
    const path = join(dir, 'key_value_stores', 'default');
    mkdirSync(path, { recursive: true });
    await fill(path);
    expect(await createBackend({ dir }).purge()).toMatchObject([{ removed: 4, kept: 2 }]);
    expect(readdirSync(path)).toContain('INPUT.json');
    const { store, backend } = await openStore({ defaultKeyValueStoreId: 'Run-7' });
    await put(store, 'k', '1');
    expect(await backend.purge()).toMatchObject([{ id: 'Run-7', removed: 1 }]);
    expect(await createBackend({ dir: join(dir, 'none') }).purge()).toEqual([]);
    expect(existsSync(join(dir, 'none'))).toBe(false);
  });

  it('does not purge what another tool has left in the directory of a configured default', async () => {
    const dir = tempDir();
    const path = join(dir, 'key_value_stores', 'pictures');
    mkdirSync(path, { recursive: true });
    writeFileSync(join(path, 'a.png'), 'x');
    const backend = createBackend({ dir, defaultKeyValueStoreId: 'pictures' });
    await backend.purge();
    expect(await listAll(await backend.openKeyValueStore({}))).toEqual([['a', 1]]);
    await createBackend({ dir, defaultKeyValueStoreId: 'pictures' }).purge();
    expect(readdirSync(path)).toContain('a.png');
  });

  it('leaves what is no record', async () => {
    const { backend, path } = await openStore();
    const names = ['my notes.txt', 'INPUT (1).json', 'žluťoučký.txt', '.env'];
    for (const name of names) writeFileSync(join(path, name), 'x');
    mkdirSync(join(path, 'a.json'));
    expect(await backend.purge()).toMatchObject([{ removed: 0, kept: 0 }]);
    expect(readdirSync(path).toSorted()).toEqual([...names, '__metadata__.json', 'a.json'].toSorted());
  });

  it('keeps a long key in a directory that ignores case', async () => {
    const { store, backend, path, dir } = await openStore();
    const metadata = JSON.parse(readFileSync(join(path, '__metadata__.json'), 'utf8')) as object;
    writeFileSync(join(path, '__metadata__.json'), JSON.stringify({ ...metadata, ignoresCase: true }));
    expect(store.id).toBe('default');
    await backend.close();
    const tagged = createBackend({ dir });
    const keys = [`A${'b'.repeat(210)}`, 'Photo', 'photo', 'INPUT', 'input', 'a'];
    const opened = await tagged.openKeyValueStore({});
    for (const key of keys) await put(opened, key, key, 'text/plain');
    for (const key of keys) expect(await get(opened, key)).toEqual([key, 'text/plain']);
    await tagged.purge({ keepKeys: keys.slice(0, 1) });
    expect((await listAll(opened)).map(([key]) => key).toSorted()).toEqual([`A${'b'.repeat(210)}`, 'INPUT', 'input']);
  });

  it('lets other work go on while it looks through a large store, and stops on abort', async () => {
    const { store, path } = await openStore();
    for (let index = 0; index < 2000; index += 1) writeFileSync(join(path, `k${index}.txt`), '1');
    const controller = new AbortController();
    let turns = 0;
    const timer = setInterval(() => (turns += 1) === 5 && controller.abort(new Error('enough')), 0);
    await expect(store.purge({ signal: controller.signal })).rejects.toThrow('enough');
    clearInterval(timer);
    expect((await store.listKeys({ limit: 1 })).count).toBe(1);
    expect(await store.purge()).toMatchObject({ kept: 0 });
    expect(await listAll(store)).toEqual([]);
  });

  it('purges one store on request, and keeps its id', async () => {
    const { store } = await openStore({}, { name: 'x' });
    await put(store, 'INPUT', '1');
    await put(store, 'k', '1');
    expect(await store.purge({ keepKeys: [] })).toEqual({ id: store.id, label: 'x', removed: 1, kept: 1 });
    expect(await listAll(store)).toEqual([['INPUT', 1]]);
  });
});

describe('close', () => {
  it('refuses work afterwards', async () => {
    const { store, backend } = await openStore();
    await backend.close();
    await backend.close();
    await backend[Symbol.asyncDispose]();
    expect((await rejection(backend.openKeyValueStore({}))).code).toBe('KV_BACKEND_CLOSED');
    expect((await rejection(store.getRecord('k'))).code).toBe('KV_BACKEND_CLOSED');
    expect((await rejection(put(store, 'k', '1'))).code).toBe('KV_BACKEND_CLOSED');
  });
});
