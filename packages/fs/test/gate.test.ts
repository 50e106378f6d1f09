import { fork } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createBackend } from '../src/index.js';
import { get, JSON_TYPE, listAll, openStore, put, rejection, tempDir } from './helpers.js';
import { DEAD, nameOf, PARENT } from './other-process.js';

/** Holds the gate of a store as another process would. Returns what lets go of it. */
function holdAs(dir: string, id: string, name: string): () => void {
  const gate = join(dir, '.kv', 'stores', `default@${id}`);
  mkdirSync(join(gate, 'tmp'), { recursive: true });
  renameSync(join(gate, 'tmp'), join(gate, `held-${name}`));
  return () => renameSync(join(gate, `held-${name}`), join(gate, 'tmp'));
}

describe('the gate of a store', () => {
  it('keeps every kind of change waiting while another process holds it, and lets reads pass', async () => {
    const { store, dir } = await openStore();
    await put(store, 'json', '1');
    await put(store, 'text', '1', 'text/plain');
    const letGo = holdAs(dir, store.id, nameOf(PARENT));
    const done: string[] = [];
    const large = Buffer.alloc(100_000, 'x');
    const changes = [
      put(store, 'json', '2').then(() => done.push('json')),
      put(store, 'text', '2', 'text/plain').then(() => done.push('text')),
      put(store, 'new', '2', 'image/png').then(() => done.push('new')),
      store.setRecord({ key: 'large', value: large, contentType: JSON_TYPE }).then(() => done.push('large')),
      store
        .setRecord({ key: 'if', value: large, contentType: JSON_TYPE }, { ifNoneMatch: '*' })
        .then(() => done.push('if')),
      store.deleteRecord('gone').then(() => done.push('nothing to delete')),
    ];
    expect(await get(store, 'json')).toEqual(['1', JSON_TYPE]);
    expect(await get(store, 'text')).toEqual(['1', 'text/plain']);
    await sleep(50);
    expect(done).toEqual(['nothing to delete']);
    const deleted = store.deleteRecord('json');
    letGo();
    await Promise.all([...changes, deleted]);
    expect(await get(store, 'text')).toEqual(['2', 'text/plain']);
    const keys = (await listAll(store)).map(([key]) => key);
    expect(keys).toEqual(expect.arrayContaining(['if', 'large', 'new', 'text']));
    expect(readdirSync(join(dir, '.kv', 'stores', `default@${store.id}`))).toEqual(['tmp']);
    expect(readdirSync(join(dir, '.kv', 'stores', `default@${store.id}`, 'tmp'))).toEqual([]);
    expect(readdirSync(join(dir, '.kv', 'tmp'))).toEqual([]);
  });

  it('takes over at once from a process that is no more, with the files of those who wait', async () => {
    const { store, dir } = await openStore();
    await put(store, 'a', '1');
    holdAs(dir, store.id, nameOf(DEAD));
    const start = performance.now();
    await put(store, 'a', '2', 'text/plain');
    expect(performance.now() - start).toBeLessThan(9000);
    expect(await get(store, 'a')).toEqual(['2', 'text/plain']);
  });

  it('can be waited for no longer than the signal allows', async () => {
    const { store, dir } = await openStore();
    await put(store, 'a', '1');
    const letGo = holdAs(dir, store.id, nameOf(PARENT));
    const controller = new AbortController();
    const writing = store.setRecord(
      { key: 'a', value: Buffer.from('2'), contentType: 'text/plain' },
      { signal: controller.signal },
    );
    await sleep(20);
    controller.abort(new Error('enough'));
    expect((await rejection(writing)).message).toBe('The operation was aborted');
    letGo();
    expect(await get(store, 'a')).toEqual(['1', JSON_TYPE]);
  });

  it('breaks what a process has held for ten seconds, whose next step then fails', async () => {
    const { store, dir } = await openStore();
    await put(store, 'a', '1');
    const letGo = holdAs(dir, store.id, nameOf(PARENT));
    await put(store, 'a', '2');
    expect(await get(store, 'a')).toEqual(['2', JSON_TYPE]);
    expect(letGo).toThrow('ENOENT');
  }, 60_000);

  it('is given up after thirty seconds in which others have held it one after the other', async () => {
    const { store, dir } = await openStore();
    await put(store, 'a', '1');
    const gate = join(dir, '.kv', 'stores', `default@${store.id}`);
    let holder = 'tmp';
    let millis = 0;
    // Each look at the clock is six seconds and one holder later.
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => {
      const next = `held-${nameOf(PARENT)}${millis}`;
      renameSync(join(gate, holder), join(gate, next));
      holder = next;
      return (millis += 6000);
    });
    onTestFinished(() => clock.mockRestore());
    renameSync(join(gate, 'tmp'), join(gate, (holder = `held-${nameOf(PARENT)}`)));
    const error = await rejection(put(store, 'a', '2'));
    clock.mockRestore();
    expect(error).toMatchObject({ code: 'KV_STORAGE_BUSY', details: { path: expect.stringContaining(gate) } });
    renameSync(join(gate, holder), join(gate, 'tmp'));
    await put(store, 'a', '3');
    expect(await listAll(store)).toEqual([['a', 1]]);
    expect(readdirSync(join(gate, 'tmp'))).toEqual([]);
  });

  it('is made anew when it was removed by hand', async () => {
    const { store, dir } = await openStore();
    await put(store, 'a', '1');
    rmSync(join(dir, '.kv'), { recursive: true });
    await put(store, 'a', '2', 'text/plain');
    await put(store, 'b', '2');
    expect(await listAll(store)).toEqual([
      ['a', 1],
      ['b', 1],
    ]);
  });

  it('bears the id of a store that another tool has made, whatever it is', async () => {
    const { dir } = await openStore({}, { name: 'x' });
    for (const [index, id] of ['../../x', 'ä/ö', '.', 'x'.repeat(300)].entries()) {
      const path = join(dir, 'key_value_stores', `foreign-${index}`);
      mkdirSync(path);
      const now = new Date().toISOString();
      const { writeFileSync } = await import('node:fs');
      writeFileSync(
        join(path, '__metadata__.json'),
        JSON.stringify({ id, name: `foreign-${index}`, createdAt: now, modifiedAt: now, accessedAt: now }),
      );
      const store = await createBackend({ dir }).openKeyValueStore({ id });
      await put(store, 'a', '1', 'text/plain');
      expect(await get(store, 'a')).toEqual(['1', 'text/plain']);
    }
    expect(readdirSync(dir).toSorted()).toEqual(['.kv', 'key_value_stores']);
    expect(readdirSync(join(dir, '.kv')).toSorted()).toEqual(['stores', 'tmp']);
    expect(existsSync(join(dir, '..', 'x'))).toBe(false);
  });
});

describe('conditional writes', () => {
  it('lose no increment of several processes', async () => {
    const dir = tempDir();
    const processes = 4;
    const rounds = 40;
    const script = fileURLToPath(new URL('fixtures/count-up.ts', import.meta.url));
    const ends = Array.from({ length: processes }, async () => {
      const child = fork(script, [dir, String(rounds)]);
      onTestFinished(() => void child.kill());
      return new Promise((resolve, reject) => {
        child.once('exit', (code) => (code === 0 ? resolve(undefined) : reject(new Error(`it ended with ${code}`))));
      });
    });
    await Promise.all(ends);
    const store = await createBackend({ dir }).openKeyValueStore({ name: 'counters' });
    expect((await get(store, 'counter'))?.[0]).toBe(String(processes * rounds));
  }, 120_000);
});
