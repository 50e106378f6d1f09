import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SMALL_VALUE_BYTES } from '@kv/core';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { Gate } from '../src/io/gate.js';
import { aroundCalls } from './around-calls.js';
import { get, JSON_TYPE, listAll, openStore, put, rejection, tempDir } from './helpers.js';
import { DEAD, nameOf, PARENT } from './other-process.js';

const isLinuxRoot = process.platform === 'linux' && process.getuid?.() === 0;

/** Makes a gate that a dead process has held, with files of its own and of a live writer. Gives their names in the end. */
function abandonedGate(): { dir: string; held: string; files: readonly string[] } {
  const dir = join(tempDir(), 'gate');
  const held = join(dir, `held-${nameOf(DEAD)}`);
  const next = join(dir, `next-${nameOf(DEAD)}`);
  const [own, moved, other] = [nameOf(DEAD, 1), nameOf(DEAD, 2), nameOf(PARENT, 9)];
  for (const path of [held, next]) mkdirSync(path, { recursive: true });
  writeFileSync(join(held, 'old@place'), 'half done');
  writeFileSync(join(held, own), own);
  writeFileSync(join(held, other), other);
  writeFileSync(join(next, `${moved}.late`), moved);
  return { dir, held, files: [`${moved}.late`, `${other}.late`, `${own}.late`, 'old@place'].toSorted() };
}

describe('of two who take over one gate', () => {
  it('the one that comes too late goes on waiting', async () => {
    const { dir, held, files } = abandonedGate();
    const recover = vi.fn<() => void>();
    const gate = new Gate({ dir, subject: 'what is tested', isPassed: true, recover });
    const winner = join(dir, `held-${nameOf(PARENT)}`);
    const undo = aroundCalls('renameSync', (rename, from) => {
      if (from === held) {
        undo();
        renameSync(held, winner);
      }
      return rename();
    });
    let seen: readonly string[] | undefined;
    const holding = gate.hold(undefined, ({ path }) => (seen = readdirSync(path)));
    await sleep(50);
    expect(seen).toBeUndefined();
    expect(recover).not.toHaveBeenCalled();
    expect(existsSync(winner)).toBe(true);
    // The winner dies as well.
    renameSync(winner, join(dir, `held-${nameOf(DEAD, 2)}`));
    await holding;
    expect(recover).toHaveBeenCalledOnce();
    expect(seen?.toSorted()).toEqual(files);
    expect(readdirSync(dir)).toEqual(['tmp']);
  });

  it('one does, and nothing is lost', async () => {
    const { dir, held, files } = abandonedGate();
    vi.resetModules();
    // A second copy of the module is to the first as another process.
    const copy = await import('../src/io/gate.js');
    expect(copy.Gate).not.toBe(Gate);
    const recover = vi.fn<() => void>();
    const gates = [Gate, copy.Gate].map((Each) => {
      return new Each({ dir, subject: 'what is tested', isPassed: true, recover });
    });
    let second: Promise<void> | undefined;
    const undo = aroundCalls('renameSync', (rename, from) => {
      undo();
      expect(from).toBe(held);
      // Up to the end of its takeover, the other one waits for nothing.
      second = gates[1]?.ready(undefined);
      expect(readdirSync(dir)).toEqual(['tmp']);
      return rename();
    });
    await gates[0]?.ready(undefined);
    await second;
    expect(recover).toHaveBeenCalledOnce();
    expect(readdirSync(dir)).toEqual(['tmp']);
    expect(readdirSync(join(dir, 'tmp')).toSorted()).toEqual(files);
    for (const name of files) {
      expect(readFileSync(join(dir, 'tmp', name), 'utf8')).toBe(name === 'old@place' ? 'half done' : name.slice(0, -5));
    }
  });
});

describe('what has happened neither fails nor is done again for the steps that are left', () => {
  const small = Buffer.from('"new"');
  const large = Buffer.alloc(SMALL_VALUE_BYTES + 1, '1');
  const writes = [
    [JSON_TYPE, 'gzip', JSON_TYPE, 'br', small],
    [JSON_TYPE, 'gzip', JSON_TYPE, undefined, small],
    [JSON_TYPE, undefined, JSON_TYPE, 'br', large],
    ['text/plain', 'gzip', 'text/plain', 'br', small],
    ['text/plain', undefined, 'text/plain', 'br', large],
    ['text/plain', undefined, JSON_TYPE, undefined, small],
    [JSON_TYPE, undefined, 'text/plain', undefined, small],
  ] as const;

  it.each(writes)('a write over %s in %s of %s in %s', async (...write) => {
    const [oldType, oldCoding, contentType, contentEncoding, value] = write;
    for (const spoil of [breakGate, failNow]) {
      const { store, path } = await openStore();
      const old = { key: 'k', value: Buffer.from('"old"'), contentType: oldType, contentEncoding: oldCoding };
      await store.setRecord(old);
      const ifMatch = (await store.getRecordInfo('k'))?.etag;
      let isSpoilt = false;
      const undo = aroundCalls('renameSync', (rename, from = '', to = '') => {
        // The look at the record makes no renames.
        const isThere = !isSpoilt && readsNew(path, contentType, value);
        isSpoilt ||= isThere;
        if (isThere) spoil(dirname(from.startsWith(path) ? to : from));
        return rename();
      });
      await store.setRecord({ key: 'k', value, contentType, contentEncoding }, { ifMatch });
      undo();
      expect(isSpoilt).toBe(true);
      expect(await get(store, 'k')).toEqual([value.toString(), contentType]);
      // Another write is not undone, and takes away what was left.
      await put(store, 'k', '1', 'text/html');
      expect(await listAll(store)).toEqual([['k', 1]]);
    }
  });

  it('a deletion', async () => {
    for (const spoil of [breakGate, failNow]) {
      const { store, path } = await openStore();
      await put(store, 'k', 'old', 'text/plain');
      const ifMatch = (await store.getRecordInfo('k'))?.etag;
      let isSpoilt = false;
      const undo = aroundCalls('renameSync', (rename, _from, to = '') => {
        const isGone = !isSpoilt && !existsSync(join(path, 'k.txt'));
        isSpoilt ||= isGone;
        if (isGone) spoil(dirname(to));
        return rename();
      });
      await store.deleteRecord('k', { ifMatch });
      undo();
      expect(isSpoilt).toBe(true);
      expect([await get(store, 'k'), await listAll(store)]).toEqual([undefined, []]);
    }
  });

  function readsNew(path: string, contentType: string, value: Uint8Array): boolean {
    const name = contentType === JSON_TYPE ? 'k.json' : 'k.txt';
    const other = join(path, contentType === JSON_TYPE ? 'k.txt' : 'k.json');
    const file = join(path, name);
    const isPlaced = existsSync(file) && readFileSync(file).equals(value);
    return isPlaced && (contentType !== JSON_TYPE || !existsSync(other));
  }

  /** As another process does after ten seconds. */
  function breakGate(held: string): void {
    const gate = dirname(held);
    const next = join(gate, 'next');
    mkdirSync(next);
    for (const name of readdirSync(held)) renameSync(join(held, name), join(next, `${name}.late`));
    rmSync(held, { recursive: true });
    renameSync(next, join(gate, 'tmp'));
  }

  function failNow(): void {
    throw Object.assign(new Error('EIO: i/o error, rename'), { code: 'EIO', syscall: 'rename', errno: -5 });
  }
});

describe('a gate on a full disk', () => {
  it.skipIf(!isLinuxRoot)(
    'is open again when it could not be held, with all that was in it (needs root on Linux for a tmpfs)',
    async () => {
      const dir = mkdtempSync(join(tmpdir(), 'kv-full-'));
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m,nr_inodes=100', 'tmpfs', dir]);
      onTestFinished(() => {
        execFileSync('umount', ['-l', dir]);
        rmSync(dir, { recursive: true });
      });
      const { store } = await openStore({ dir });
      await put(store, 'k', '1');
      const gate = join(dir, '.kv', 'stores', 'default@default');
      const other = join(gate, 'tmp', nameOf(PARENT));
      writeFileSync(other, 'of another writer');
      const filler = fill(dir);
      for (const attempt of [
        () => store.deleteRecord('k', { ifNoneMatch: '"another"' }),
        () =>
          store.setRecord({ key: 'k', value: Buffer.from('2'), contentType: JSON_TYPE }, { ifNoneMatch: '"another"' }),
      ]) {
        const error = await rejection(attempt());
        expect(error.code).toBe('KV_STORAGE_FULL');
        expect(error.message).toContain('Free some space and try again');
        expect(readdirSync(gate)).toEqual(['tmp']);
        expect(readFileSync(other, 'utf8')).toBe('of another writer');
      }
      expect(await get(store, 'k')).toEqual(['1', JSON_TYPE]);
      for (const path of filler) rmSync(path);
      await store.deleteRecord('k', { ifNoneMatch: '"another"' });
      expect(await listAll(store)).toEqual([]);
      expect(readdirSync(join(gate, 'tmp'))).toEqual([`${nameOf(PARENT)}.late`]);
    },
  );
});

/** Makes files until no more can be made. */
function fill(dir: string): readonly string[] {
  const paths: string[] = [];
  try {
    for (let index = 0; ; index += 1) {
      const path = join(dir, `filler-${index}`);
      writeFileSync(path, '');
      paths.push(path);
    }
  } catch (error) {
    expect(error).toMatchObject({ code: 'ENOSPC' });
    return paths;
  }
}
