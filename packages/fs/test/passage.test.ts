import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Gate } from '../src/io/gate.js';
import { markedName } from '../src/io/process-mark.js';
import { aroundCalls } from './around-calls.js';
import { get, JSON_TYPE, openStore, put, tempDir } from './helpers.js';
import { DEAD, nameOf, PARENT } from './other-process.js';

async function openGate(): Promise<{ gate: Gate; dir: string }> {
  const dir = join(tempDir(), 'gate');
  const gate = new Gate({ dir, subject: 'what is tested', isPassed: true });
  await gate.ready(undefined);
  return { gate, dir };
}

/** Runs something before the next rename of a file to a path that ends so. */
function beforeRenameTo(end: string, run: () => void): void {
  const undo = aroundCalls('renameSync', (rename, _, to = '') => {
    if (to.endsWith(end)) {
      undo();
      run();
    }
    return rename();
  });
}

function writeElsewhere(dir: string, key: string, contentType: string): void {
  execFileSync(process.execPath, [
    fileURLToPath(new URL('fixtures/write-once.ts', import.meta.url)),
    dir,
    key,
    contentType,
  ]);
}

describe.runIf(process.platform === 'linux')('a passage that was closed (Linux: by open directories)', () => {
  it('lets nothing through that had found its directories before', async () => {
    const { gate, dir } = await openGate();
    const target = join(dir, '..', 'store');
    mkdirSync(target);
    writeFileSync(join(target, 'there'), 'old');
    const [mine, other] = [markedName(), nameOf(PARENT, 1)];
    for (const name of [mine, other]) writeFileSync(join(gate.open.path, name), name);
    const fd = openSync(gate.open.path, 'r');
    onTestFinished(() => closeSync(fd));
    // A path through an open directory leads where a rename has got to that is under way in the system.
    const under = `/proc/self/fd/${fd}`;
    await gate.hold(undefined, ({ path }) => {
      for (const name of [mine, other]) {
        expect(() => renameSync(join(under, name), join(target, name))).toThrow('ENOENT');
      }
      expect(() => renameSync(join(target, 'there'), join(under, 'gone'))).toThrow('ENOENT');
      expect(() => openSync(join(under, 'new'), 'wx')).toThrow('ENOENT');
      expect(readdirSync(path).toSorted()).toEqual([mine, `${other}.late`].toSorted());
    });
    expect(readdirSync(target)).toEqual(['there']);
    expect(readdirSync(dir)).toEqual(['tmp']);
    expect(readFileSync(join(gate.open.path, `${other}.late`), 'utf8')).toBe(other);
  });

  it('is taken over with the files of one that has died while renewing it', async () => {
    const { gate, dir } = await openGate();
    const dead = nameOf(DEAD);
    renameSync(gate.open.path, join(dir, `held-${dead}`));
    mkdirSync(join(dir, `next-${dead}`));
    writeFileSync(join(dir, `held-${dead}`, nameOf(PARENT, 1)), '');
    writeFileSync(join(dir, `next-${dead}`, `${nameOf(PARENT, 2)}.late`), '');
    expect(gate.isHeld).toBe(true);
    await gate.hold(undefined, () => undefined);
    expect(readdirSync(dir)).toEqual(['tmp']);
    expect(readdirSync(gate.open.path).toSorted()).toEqual([`${nameOf(PARENT, 1)}.late`, `${nameOf(PARENT, 2)}.late`]);
    renameSync(gate.open.path, join(dir, `next-${dead}`));
    await gate.hold(AbortSignal.timeout(5000), () => undefined);
    expect(readdirSync(gate.open.path)).toHaveLength(2);
  });
});

describe('a write that another process forestalls after its look at the store', () => {
  it('looks again, and is not hidden by a sidecar that is new', async () => {
    const { store, dir } = await openStore();
    await put(store, 'k', '1');
    beforeRenameTo('k.json', () => writeElsewhere(dir, 'k', 'text/plain'));
    await put(store, 'k', '2');
    expect(await get(store, 'k')).toEqual(['2', JSON_TYPE]);
  });

  it('finds its large value again', async () => {
    const { store, dir } = await openStore();
    const large = JSON.stringify('x'.repeat(100_000));
    beforeRenameTo('k.json', () => writeElsewhere(dir, 'k', 'image/png'));
    await put(store, 'k', large);
    expect(await get(store, 'k')).toEqual([large, JSON_TYPE]);
    expect(readdirSync(join(dir, '.kv', 'stores', `default@${store.id}`, 'tmp'))).toEqual([]);
  });
});
