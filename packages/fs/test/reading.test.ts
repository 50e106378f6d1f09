import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { DirectoryWatch } from '../src/io/directory-state.js';
import { HandPlacedKeys } from '../src/record/hand-placed-keys.js';
import { get, listAll, openStore, put, tempDir } from './helpers.js';

/** Waits until the keys of a directory are known, which they are when that can be trusted. */
async function learn(known: HandPlacedKeys, path: string): Promise<void> {
  while (!known.lacks(path, 'surely-absent')) {
    known.noteLoss(path, 1000);
    await setImmediate();
  }
}

describe('values of every size', () => {
  it.each([0, 1, 65_535, 65_536, 65_537, 1_000_000])('reads %i bytes back', async (size) => {
    const { store } = await openStore();
    const value = new Uint8Array(size).map((_, index) => index % 251);
    await store.setRecord({ key: 'k', value, contentType: 'application/octet-stream' });
    expect(Buffer.from((await store.getRecord('k'))?.value ?? []).equals(value)).toBe(true);
  });

  it('gives each reader bytes of its own', async () => {
    const { store } = await openStore();
    await put(store, 'a', '"a"');
    await put(store, 'b', '"b"');
    const first = await store.getRecord('a');
    await store.getRecord('b');
    expect(Buffer.from(first?.value ?? []).toString()).toBe('"a"');
  });
});

describe('a file that another program changes in its place', () => {
  it.each([
    ['longer', (path: string) => appendFileSync(path, 'more'), undefined],
    ['shorter', (path: string) => truncateSync(path, 200_000), /shorter while it was read/],
  ])('never gives a stream of another length than was told: %s', async (_, change, problem) => {
    const { store, path } = await openStore();
    const file = join(path, 'large.bin');
    writeFileSync(file, new Uint8Array(1_000_000));
    const record = await store.getRecordStream('large');
    change(file);
    const reading = (async () => {
      let length = 0;
      for await (const chunk of record?.stream ?? []) length += chunk.length;
      return length;
    })();
    if (problem) await expect(reading).rejects.toThrow(problem);
    else expect(await reading).toBe(record?.size);
  });
});

describe('what is no file', () => {
  it('takes a directory under the name of a record for nothing', async () => {
    const { store, path } = await openStore();
    mkdirSync(join(path, 'folder.json'));
    expect(await store.getRecord('folder')).toBeUndefined();
    expect(await store.getRecordInfo('folder')).toBeUndefined();
    expect(await listAll(store)).toEqual([]);
  });

  it.skipIf(process.platform === 'win32')(
    'does not wait for a pipe under the name of a record (Windows has none in directories)',
    async () => {
      const { store, path } = await openStore();
      execFileSync('mkfifo', [join(path, 'pipe.json')]);
      expect(await store.getRecord('pipe')).toBeUndefined();
      expect(await store.getRecordStream('pipe')).toBeUndefined();
    },
  );
});

describe('files placed by hand', () => {
  it('are found beside records of like names, at rest too, and deleted', async () => {
    const { store, path } = await openStore();
    await put(store, 'report', 'text', 'text/plain');
    for (const name of ['report.docx', 'reportx', 'photo.png']) writeFileSync(join(path, name), name);
    await put(store, 'photo.png', 'another', 'image/png');
    const look = async (): Promise<unknown[]> =>
      Promise.all(['report.docx', 'reportx', 'photo'].map(async (key) => (await get(store, key))?.[0]));
    const expected = ['report.docx', 'reportx', 'photo.png'];
    expect(await look()).toEqual(expected);
    // Long enough for the directory to be at rest and its names to be known.
    for (let count = 0; count < 60; count += 1) {
      await get(store, `absent-${count}`);
      await sleep(10);
    }
    expect(await look()).toEqual(expected);
    for (const key of ['report.docx', 'reportx', 'photo']) await store.deleteRecord(key);
    expect(await listAll(store)).toEqual([
      ['photo.png', 7],
      ['report', 4],
    ]);
  });

  it('are never overlooked, however the names in the directory were learnt before', async () => {
    const path = tempDir();
    const known = new HandPlacedKeys(false);
    for (let index = 0; index < 3000; index += 1) {
      const name = join(path, `photo-${index}.png`);
      known.noteLoss(path, 10);
      known.lacks(path, `photo-${index}`);
      writeFileSync(name, '');
      expect(known.lacks(path, `photo-${index}`)).toBe(false);
      if (index % 100 === 0) await learn(known, path);
      if (index % 3 === 0) rmSync(name);
    }
  });

  it('are found right after an absent key was looked for again and again', async () => {
    const { store, path } = await openStore();
    await put(store, 'other', '1');
    for (let round = 0; round < 5; round += 1) {
      for (let index = 0; index < 300; index += 1) expect(await store.getRecord(`photo-${round}`)).toBeUndefined();
      writeFileSync(join(path, `photo-${round}.png`), 'by hand');
      expect(await get(store, `photo-${round}`)).toEqual(['by hand', 'image/png']);
    }
  });

  it('count as such when their sidecar is gone', async () => {
    const { store, path } = await openStore();
    await put(store, 'photo', 'value', 'image/png');
    const known = new HandPlacedKeys(false);
    await learn(known, path);
    rmSync(join(path, 'photo.__metadata__.json'));
    expect(known.lacks(path, 'photo')).toBe(false);
    await learn(known, path);
    expect(known.lacks(path, 'photo')).toBe(false);
    expect(known.lacks(path, 'photos')).toBe(true);
  });

  it('and all others are seen at once, although a moment ago there surely was none', async () => {
    const path = tempDir();
    writeFileSync(join(path, 'other.json'), '');
    const known = new HandPlacedKeys(false);
    for (const name of ['key.json', 'key.png', 'key.__metadata__.json']) {
      await learn(known, path);
      expect(known.lacksAll(path, 'key')).toBe(true);
      expect(known.lacksAll(path, 'other')).toBe(false);
      writeFileSync(join(path, name), '');
      expect(known.lacksAll(path, 'key')).toBe(false);
      await learn(known, path);
      expect(known.lacksAll(path, 'key')).toBe(false);
      rmSync(join(path, name));
    }
  });

  it('are learnt again when a store that is written comes to rest', async () => {
    const path = tempDir();
    const known = new HandPlacedKeys(false);
    await learn(known, path);
    for (let index = 0; index < 10; index += 1) {
      writeFileSync(join(path, `key-${index}.json`), '');
      known.noteChange(path);
    }
    await vi.waitFor(() => expect(known.lacksAll(path, 'key-10')).toBe(true), { timeout: 10_000 });
    expect(known.lacksAll(path, 'key-9')).toBe(false);
  });

  it('are deleted with their record, also when it is known which ones there are', async () => {
    const { store, path } = await openStore();
    await put(store, 'photo', '1');
    writeFileSync(join(path, 'photo.png'), 'by hand');
    for (let round = 0; round < 10; round += 1) {
      for (let index = 0; index < 50; index += 1) await store.getRecord(`absent-${index}`);
      await sleep(30);
    }
    await store.deleteRecord('photo');
    expect(await store.getRecord('photo')).toBeUndefined();
    expect(await listAll(store)).toEqual([]);
  });

  it('count under any name where a and A are one', async () => {
    const path = tempDir();
    writeFileSync(join(path, 'Report.json'), '');
    const known = new HandPlacedKeys(true);
    await learn(known, path);
    expect(known.lacks(path, 'Report')).toBe(false);
  });
});

describe('a state of a directory', () => {
  it.each([
    ['is trusted when it has been seen for longer than a tick', 0.25, true],
    ['is never trusted where times are multiples of 10 ms, as on FAT and exFAT', 0, false],
  ])('%s', (_, fraction, isTrusted) => {
    vi.useFakeTimers({ toFake: ['performance'] });
    onTestFinished(() => void vi.useRealTimers());
    const watch = new DirectoryWatch();
    // Of the future, as it looks from here where the other clock is ahead.
    const time = Date.now() - (Date.now() % 1000) + 86_400_000 + fraction;
    const state = { ino: 1, mtimeMs: time, ctimeMs: time };
    expect(watch.isSettled(state)).toBe(false);
    vi.advanceTimersByTime(50);
    expect(watch.isSettled(state)).toBe(false);
    vi.advanceTimersByTime(1);
    expect(watch.isSettled(state)).toBe(isTrusted);
    vi.advanceTimersByTime(60_000);
    expect(watch.isSettled(state)).toBe(isTrusted);
    expect(watch.isSettled({ ...state, ctimeMs: time + 1 })).toBe(false);
  });
});

describe('a walk through the pages', () => {
  it('reads the directory once, although records are written and deleted between the pages', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    onTestFinished(() => void vi.useRealTimers());
    const { store, path } = await openStore();
    for (let index = 0; index < 1000; index += 1) writeFileSync(join(path, `key-${1000 + index}.json`), '1');
    const readdir = vi.spyOn(process.getBuiltinModule('node:fs/promises'), 'readdir');
    syncBuiltinESMExports();
    onTestFinished(() => {
      readdir.mockRestore();
      syncBuiltinESMExports();
    });
    const seen: string[] = [];
    let cursor: string | undefined;
    for (let page = 0; cursor !== undefined || page === 0; page += 1) {
      const { items, nextExclusiveStartKey } = await store.listKeys({ limit: 100, exclusiveStartKey: cursor });
      seen.push(...items.map(({ key }) => key));
      cursor = nextExclusiveStartKey ?? undefined;
      // One after the cursor, one before it; and one that is yet to come goes away.
      await put(store, `key-1${page}99-new`, '1');
      await put(store, `a-${page}`, '1');
      await store.deleteRecord(`key-1${page + 1}50`);
    }
    const expected = Array.from({ length: 1000 }, (_, index) => `key-${1000 + index}`)
      .filter((key) => !/^key-1[1-9]50$/.test(key))
      .concat(Array.from({ length: 9 }, (_, page) => `key-1${page}99-new`));
    expect(seen).toEqual(expected.toSorted());
    expect(readdir).toHaveBeenCalledTimes(1);
  });

  it('begins with what others have written up to now', async () => {
    const { dir, store } = await openStore();
    const { store: other } = await openStore({ dir });
    for (let index = 0; index < 200; index += 1) {
      await put(other, `key-${1000 + index}`, '1');
      expect((await store.listKeys({ prefix: 'key' })).count).toBe(index + 1);
    }
  });
});

it('lets timers have their turn in a loop of reads that never wait', async () => {
  const { store } = await openStore();
  await put(store, 'k', '1');
  const state = { isFired: false };
  setTimeout(() => (state.isFired = true), 1);
  for (let count = 0; !state.isFired && count < 1_000_000; count += 1) await store.getRecord('k');
  expect(state.isFired).toBe(true);
});
