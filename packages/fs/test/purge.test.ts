import { execFileSync, fork } from 'node:child_process';
import type { ChildProcess, ForkOptions } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createBackend } from '../src/index.js';
import { stopBefore } from './stop-before.js';
import { get, JSON_TYPE, listAll, openStore, put, rejection, tempDir } from './helpers.js';

const isLinuxRoot = process.platform === 'linux' && process.getuid?.() === 0;
const NOBODY = 65_534;

function start(name: string, dir: string, options: ForkOptions = {}): ChildProcess {
  const child = fork(fileURLToPath(new URL(`fixtures/${name}.ts`, import.meta.url)), [dir], options);
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

async function purgeElsewhere(dir: string, options?: ForkOptions): Promise<unknown> {
  const [outcome] = (await once(start('purge', dir, options), 'message')) as [unknown];
  return outcome;
}

describe('a dry run', () => {
  it('says what a purge would remove, and leaves it', async () => {
    const { backend, store, path } = await openStore();
    await put(store, 'INPUT', '{}');
    await put(store, 'b', '1');
    await put(store, 'a', '1', 'text/plain');
    writeFileSync(join(path, 'clip.mp4'), 'placed by hand');
    const [planned] = await backend.purge({ dryRun: true });
    expect(planned).toEqual({
      id: 'default',
      label: 'default',
      removed: 3,
      kept: 1,
      removedKeys: ['a', 'b', 'clip.mp4'],
    });
    expect((await listAll(store)).map(([key]) => key)).toEqual(['INPUT', 'a', 'b', 'clip.mp4']);
    expect(await backend.purge()).toEqual([{ id: 'default', label: 'default', removed: 3, kept: 1 }]);
  });
});

describe('what is kept', () => {
  const KEYS = ['photo', 'photo.png', 'photo.png.png', 'photo.json', 'Photo.bin'];
  const TYPES = [JSON_TYPE, 'image/png', 'application/octet-stream'];

  it.each(KEYS.flatMap((keep) => TYPES.map((type) => [keep, type] as const)))(
    'is %s as %s, whatever records have files of like names',
    async (keep, type) => {
      for (const others of TYPES) {
        const { store } = await openStore();
        for (const key of KEYS.filter((name) => name !== keep)) await put(store, key, key, others);
        await put(store, keep, 'kept', type);
        const { removed, kept } = await store.purge({ keepKeys: [keep] });
        const expected = KEYS.filter((name) => `${name}.`.toLowerCase().startsWith(`${keep}.`.toLowerCase()));
        expect((await listAll(store)).map(([key]) => key)).toEqual(expected.toSorted());
        expect({ removed, kept }).toEqual({ removed: KEYS.length - expected.length, kept: expected.length });
        expect(await get(store, keep)).toEqual(['kept', type]);
      }
    },
  );

  it('is no value of a record that goes', async () => {
    const { store } = await openStore();
    await put(store, 'clip', 'value', 'video/mp4');
    expect(await store.purge({ keepKeys: ['clip.mp4'] })).toMatchObject({ removed: 1, kept: 0 });
    expect(await listAll(store)).toEqual([]);
  });

  it('is a record whose sidecar is damaged', async () => {
    const { store, path } = await openStore();
    await put(store, 'photo.png', 'kept', 'image/png');
    writeFileSync(join(path, 'photo.png.__metadata__.json'), 'damaged');
    await store.purge({ keepKeys: ['photo.png'] });
    expect(readdirSync(path).toSorted()).toEqual(['__metadata__.json', 'photo.png', 'photo.png.__metadata__.json']);
  });
});

describe('restore', () => {
  it('brings back what the last purge has removed, with types, and leaves what is newer', async () => {
    const { backend, store } = await openStore();
    const alias = await backend.openKeyValueStore({ alias: 'more' });
    await put(store, 'INPUT', '"old input"');
    await put(store, 'json', '1');
    await put(store, 'photo', 'old', 'image/png');
    await put(store, 'photo.png', 'another', 'image/png');
    await put(store, 'k'.repeat(256), 'long', 'text/html');
    await put(alias, 'x', '1');
    await backend.purge();
    await put(store, 'photo', 'new', 'text/plain');
    await put(store, 'INPUT', '"new input"');
    expect(await backend.restore()).toEqual([
      { id: 'default', label: 'default', restored: 3, skipped: 2 },
      { id: alias.id, label: 'more', restored: 1, skipped: 0 },
    ]);
    expect(await get(store, 'INPUT')).toEqual(['"new input"', JSON_TYPE]);
    expect(await get(store, 'json')).toEqual(['1', JSON_TYPE]);
    expect(await get(store, 'photo')).toEqual(['new', 'text/plain']);
    expect(await get(store, 'photo.png')).toEqual(['another', 'image/png']);
    expect(await get(store, 'k'.repeat(256))).toEqual(['long', 'text/html']);
    expect(await get(alias, 'x')).toEqual(['1', JSON_TYPE]);
    expect((await backend.restore()).map(({ restored }) => restored)).toEqual([0, 0]);
  });

  it('leaves a damaged record in the trash, and brings back all others', async () => {
    const { backend, store, path } = await openStore();
    for (const key of ['a', 'k', 'z']) await put(store, key, key, 'text/plain');
    writeFileSync(join(path, 'k.__metadata__.json'), '{');
    await backend.purge();
    expect(await backend.restore()).toEqual([{ id: 'default', label: 'default', restored: 2, skipped: 1 }]);
    expect((await listAll(store)).map(([key]) => key)).toEqual(['a', 'z']);
    expect(readdirSync(join(backend.location, '.kv/trash/purge-000000001/default'))).toContain('k.txt');
  });

  it('loses nothing when it is stopped at any step', async () => {
    const { backend, store, dir: origin } = await openStore();
    await put(store, 'text', 'value', 'text/plain');
    await backend.purge();
    await backend.close();
    for (let step = 1, isDone = false; !isDone; step += 1) {
      const dir = tempDir();
      cpSync(origin, dir, { recursive: true });
      const undo = stopBefore(step);
      onTestFinished(undo);
      const restored = createBackend({ dir }).restore();
      isDone = await restored.then(
        () => true,
        () => false,
      );
      undo();
      const again = createBackend({ dir });
      await again.restore();
      expect(await get(await again.openKeyValueStore({}), 'text')).toEqual(['value', 'text/plain']);
    }
  });

  it('does nothing where nothing was purged, and does not bring back what was dropped', async () => {
    const { backend } = await openStore();
    expect(await backend.restore()).toEqual([]);
    const alias = await backend.openKeyValueStore({ alias: 'more' });
    await put(alias, 'x', '1');
    await backend.purge();
    await alias.drop();
    const again = await backend.openKeyValueStore({ alias: 'more' });
    expect(await backend.restore()).toEqual([]);
    expect(await listAll(again)).toEqual([]);
  });

  it('knows the last purge only: what came before is deleted', async () => {
    const { backend, store, dir } = await openStore();
    for (const key of ['first', 'second']) {
      await put(store, key, '1');
      await backend.purge();
    }
    await backend.close();
    expect(readdirSync(join(dir, '.kv', 'trash'))).toEqual(['purge-000000002']);
    const later = createBackend({ dir });
    await later.restore();
    expect(await listAll(await later.openKeyValueStore({}))).toEqual([['second', 1]]);
  });
});

describe('restore brings back', () => {
  it('what is sound beside a store whose metadata is damaged, and what is in its place', async () => {
    const { backend, store, dir } = await openStore();
    const others = await Promise.all(['gone', 'there'].map(async (alias) => backend.openKeyValueStore({ alias })));
    for (const each of [store, ...others]) await put(each, 'k', '1', 'text/plain');
    await backend.purge();
    for (const place of ['gone', 'there']) {
      const metadata = join(dir, '.kv', 'trash', 'purge-000000001', place, '__metadata__.json');
      // The store in its place has a link to the same file.
      rmSync(metadata);
      writeFileSync(metadata, '{');
    }
    await others[0]?.drop();
    expect(await backend.restore()).toEqual([
      { id: 'default', label: 'default', restored: 1, skipped: 0 },
      { id: 'gone', label: 'gone', restored: 0, skipped: 1 },
      { id: others[1]?.id, label: 'there', restored: 1, skipped: 0 },
    ]);
    expect(await get(store, 'k')).toEqual(['1', 'text/plain']);
  });

  it('a store whose directory was deleted by hand', async () => {
    const { backend, store, dir, path } = await openStore();
    const alias = await backend.openKeyValueStore({ alias: 'more' });
    for (const each of [store, alias]) await put(each, 'k', '1', 'text/plain');
    await backend.purge();
    await backend.close();
    for (const each of [path, join(dir, 'key_value_stores', 'more')]) rmSync(each, { recursive: true });
    await using later = createBackend({ dir });
    expect(await later.restore()).toMatchObject([
      { label: 'default', restored: 1 },
      { label: 'more', restored: 1 },
    ]);
    for (const ref of [{}, { alias: 'more' }]) {
      expect(await get(await later.openKeyValueStore(ref), 'k')).toEqual(['1', 'text/plain']);
    }
  });

  it('nothing of what was kept, and does not count it', async () => {
    const { backend, store } = await openStore();
    for (const key of ['INPUT', 'k']) await put(store, key, '1', 'text/plain');
    await backend.purge();
    expect(await backend.restore()).toMatchObject([{ restored: 1, skipped: 0 }]);
    expect(await backend.restore()).toMatchObject([{ restored: 0, skipped: 0 }]);
  });
});

describe('a purge', () => {
  it.each([false, true])('counts damaged records; in a store that is a link: %s', async (isLink) => {
    const { store, path } = await openStore();
    for (const key of ['a', 'k']) await put(store, key, key, 'text/plain');
    writeFileSync(join(path, 'k.__metadata__.json'), '{');
    if (isLink) {
      renameSync(path, `${path}.elsewhere`);
      symlinkSync(`${path}.elsewhere`, path);
    }
    expect(await store.purge({ dryRun: true })).toMatchObject({ removed: 2, removedKeys: ['a', 'k'] });
    expect(await store.purge()).toMatchObject({ removed: 2, kept: 0 });
    expect(readdirSync(path)).toEqual(['__metadata__.json']);
  });

  it('that has nothing to remove leaves what the one before has removed', async () => {
    const { backend, store } = await openStore();
    await put(store, 'INPUT', '{}');
    await put(store, 'text', 'value', 'text/plain');
    await backend.purge();
    expect(await backend.purge()).toEqual([{ id: 'default', label: 'default', removed: 0, kept: 1 }]);
    await backend.restore();
    expect(await get(store, 'text')).toEqual(['value', 'text/plain']);
  });

  it('leaves the store in its place when there can be no trash', async () => {
    const { dir, backend, store } = await openStore();
    await put(store, 'k', '1', 'image/png');
    writeFileSync(join(dir, '.kv/trash'), 'a file');
    expect(await rejection(backend.purge())).toMatchObject({ code: 'KV_STORAGE_CORRUPT' });
    expect(await get(await createBackend({ dir }).openKeyValueStore({}), 'k')).toEqual(['1', 'image/png']);
  });

  it('never takes the input away, not even for a moment', async () => {
    const { backend, store } = await openStore();
    await put(store, 'INPUT', '"input"');
    const reader = createBackend({ dir: backend.location });
    const elsewhere = await reader.openKeyValueStore({});
    const over = new AbortController();
    const reading = (async () => {
      while (!over.signal.aborted) {
        expect(await get(elsewhere, 'INPUT')).toEqual(['"input"', JSON_TYPE]);
        expect((await listAll(elsewhere)).map(([key]) => key)).toContain('INPUT');
        await setImmediate();
      }
    })();
    for (let round = 0; round < 20; round += 1) {
      await put(store, `k${round}`, '1');
      await backend.purge();
    }
    over.abort();
    await reading;
  });

  it('leaves nothing half done, whatever step it stops at', async () => {
    const { backend, store, dir: origin, path } = await openStore();
    await put(store, 'INPUT', '"input"', 'text/plain');
    await put(store, 'k', '1', 'image/png');
    mkdirSync(join(path, 'folder'));
    await backend.close();
    let isDone = false;
    for (let step = 1; !isDone; step += 1) {
      const dir = tempDir();
      cpSync(origin, dir, { recursive: true });
      const undo = stopBefore(step);
      onTestFinished(undo);
      isDone = await createBackend({ dir })
        .purge()
        .then(
          () => true,
          () => false,
        );
      undo();
      const after = createBackend({ dir });
      const opened = await after.openKeyValueStore({});
      expect(await get(opened, 'INPUT')).toEqual(['"input"', 'text/plain']);
      expect(existsSync(join(dir, 'key_value_stores', 'default', 'folder'))).toBe(true);
      const keys = (await listAll(opened)).map(([key]) => key);
      expect([['INPUT'], ['INPUT', 'k']]).toContainEqual(keys);
      await put(opened, 'later', '1', 'text/plain');
      if (keys.length === 1) await after.restore();
      expect(await get(opened, 'k')).toEqual(['1', 'image/png']);
      await after.close();
      rmSync(dir, { recursive: true });
    }
  });

  it.skipIf(process.platform !== 'linux')('keeps what has a name that is not UTF-8 (Linux)', async () => {
    const { backend, store, path } = await openStore();
    await put(store, 'k', '1', 'image/png');
    const named = (name: string): Buffer => Buffer.concat([Buffer.from(join(path, name)), Buffer.of(0xff)]);
    writeFileSync(named('file'), '');
    mkdirSync(named('directory'));
    writeFileSync(join(path, 'file\uFFFD.txt'), '');
    expect(await backend.purge()).toMatchObject([{ removed: 1, kept: 0 }]);
    expect([named('file'), named('directory'), join(path, 'file\uFFFD.txt')].map((name) => existsSync(name))).toEqual([
      true,
      true,
      true,
    ]);
    expect(readdirSync(path)).toHaveLength(4);
    await backend.restore();
    expect(await get(store, 'k')).toEqual(['1', 'image/png']);
  });

  it.skipIf(!isLinuxRoot)('leaves a directory of another user where it is (needs root on Linux)', async () => {
    const { dir, backend, store, path } = await openStore();
    await put(store, 'INPUT', '{}');
    await put(store, 'k', '1', 'image/png');
    await backend.close();
    execFileSync('chown', ['-R', `${NOBODY}:${NOBODY}`, dir]);
    mkdirSync(join(path, 'others'), { mode: 0o700 });
    expect(await purgeElsewhere(dir, { uid: NOBODY })).toBe('purged');
    expect(readdirSync(path).toSorted()).toEqual(['INPUT.json', '__metadata__.json', 'others']);
  });

  it('removes the records one by one where the store is a link to a directory elsewhere', async () => {
    const { dir } = await openStore({}, { name: 'x' });
    const elsewhere = tempDir();
    symlinkSync(elsewhere, join(dir, 'key_value_stores', 'default'));
    const backend = createBackend({ dir });
    const store = await backend.openKeyValueStore({});
    await put(store, 'INPUT', '1');
    await put(store, 'k', '1', 'text/plain');
    expect(await backend.purge()).toMatchObject([{ removed: 1, kept: 1 }]);
    expect(readdirSync(elsewhere).toSorted()).toEqual(['INPUT.json', '__metadata__.json']);
  });
});

describe('a run', () => {
  it('keeps others from purging what it is using, and names itself', async () => {
    const dir = tempDir();
    const other = start('use-default', dir);
    await once(other, 'message');
    const backend = createBackend({ dir });
    const store = await backend.openKeyValueStore({});
    for (const place of [backend, store]) {
      const error = await rejection(place.purge());
      expect(error).toMatchObject({ code: 'KV_STORAGE_IN_USE', details: { pid: other.pid, location: dir } });
      expect(error.message).toContain(`the process ${other.pid} on `);
      expect([await place.purge({ dryRun: true })].flat()).toMatchObject([{ removed: 1 }]);
    }
    expect(await get(store, 'mine')).toEqual(['1', JSON_TYPE]);
    other.send('end');
    await once(other, 'exit');
    expect(await backend.purge()).toMatchObject([{ removed: 1 }]);
  });

  it('that was killed is in nobody’s way', async () => {
    const dir = tempDir();
    const other = start('use-default', dir);
    await once(other, 'message');
    other.kill('SIGKILL');
    await once(other, 'exit');
    expect(await createBackend({ dir }).purge()).toMatchObject([{ removed: 1 }]);
  });

  it('may purge as often as it likes, and is over when its backends are closed', async () => {
    const { backend, store, dir } = await openStore();
    await put(store, 'k', '1');
    expect(await backend.purge()).toMatchObject([{ removed: 1 }]);
    expect(await purgeElsewhere(dir)).toBe('KV_STORAGE_IN_USE');
    const second = createBackend({ dir });
    await put(await second.openKeyValueStore({}), 'k', '2');
    await backend.close();
    expect(await purgeElsewhere(dir)).toBe('KV_STORAGE_IN_USE');
    await second.close();
    expect(await purgeElsewhere(dir)).toBe('purged');
  });

  it('that only reads, or uses named stores, is in nobody’s way', async () => {
    const { dir, backend, store } = await openStore({}, { name: 'x' });
    await put(store, 'k', '1');
    expect(await listAll(await backend.openKeyValueStore({}))).toEqual([]);
    expect(await purgeElsewhere(dir)).toBe('purged');
  });

  it('of several that start at once, one purges', async () => {
    const { store, backend, dir } = await openStore();
    await put(store, 'k', '1');
    await backend.close();
    const outcomes = await Promise.all(Array.from({ length: 4 }, async () => purgeElsewhere(dir)));
    // Those that come when the first has ended may purge again.
    expect(outcomes).toContain('purged');
    expect(outcomes.filter((outcome) => outcome !== 'purged' && outcome !== 'KV_STORAGE_IN_USE')).toEqual([]);
  });
});
