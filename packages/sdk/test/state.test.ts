import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createBackend } from '@kv/memory';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { Actor, KeyValueStore, KvError } from '../src/index.js';
import { catchLog, openStore, runProgram, setEnv, tempDir } from './helpers.js';
import type { RunOptions } from './helpers.js';

interface State {
  n?: number;
  x?: number;
  m?: number;
}

/** An actor in a fresh directory, whose events a test can raise by exiting without an exit. */
function newActor(dir: string = tempDir()): Actor {
  setEnv();
  catchLog();
  return new Actor({ storageDir: dir, purgeOnStart: false });
}

const save = (actor: Actor): Promise<void> => actor.exit({ exit: false });

describe('auto-saved values', () => {
  it('gives one live object, found again by the next run', async () => {
    const dir = tempDir();
    const actor = newActor(dir);
    const [one, other] = await Promise.all([
      actor.useState<State>('S', { n: 0 }),
      actor.useState<State>('S', { n: 9 }),
    ]);
    expect(one).toBe(other);
    one.n = 5;
    await save(actor);
    expect(await newActor(dir).useState<State>('S', { n: 0 })).toEqual({ n: 5 });
  });

  it('has the name of Apify by default, and may lie in another store', async () => {
    const actor = newActor();
    (await actor.useState<State>()).n = 1;
    (await actor.useState<State>('S', {}, { keyValueStoreName: 'elsewhere' })).n = 2;
    await save(actor);
    expect(await actor.getValue('APIFY_GLOBAL_STATE')).toEqual({ n: 1 });
    expect(await (await actor.openKeyValueStore('elsewhere')).getValue('S')).toEqual({ n: 2 });
  });

  it('takes over what setValue sets, and saves no mixture', async () => {
    const actor = newActor();
    const state = await actor.useState<State>('S', { n: 5, x: 1 });
    await actor.setValue('S', { m: 1 });
    expect(state).toEqual({ m: 1 });
    await save(actor);
    expect(await actor.getValue('S')).toEqual({ m: 1 });
    state.n = 2;
    await save(actor);
    expect(await actor.getValue('S')).toEqual({ m: 1, n: 2 });
  });

  it('takes over the content of an array', async () => {
    const actor = newActor();
    const list = await actor.useState<number[]>('L', [1, 2, 3]);
    await actor.setValue('L', [4]);
    expect(list).toEqual([4]);
    await save(actor);
    expect(await actor.getValue('L')).toEqual([4]);
  });

  it('does not resurrect a value that was deleted or replaced by another kind', async () => {
    const actor = newActor();
    const state = await actor.useState<State>('S', { n: 1 });
    await save(actor);
    await actor.setValue('S', null);
    state.n = 2;
    await save(actor);
    expect(await actor.getValue('S')).toBeNull();
    await actor.useState<State>('T', { n: 1 });
    await actor.setValue('T', 'text');
    await save(actor);
    expect(await actor.getValue('T')).toBe('text');
  });

  it('does not let a save that is under way undo a later setValue', async () => {
    const { store } = await openStore();
    const state = await store.getAutoSavedValue<State>('S', { n: 1 });
    for (let round = 0; round < 50; round += 1) {
      state.n = round;
      const saving = store.saveState();
      await store.setValue('S', { m: round });
      await saving;
      expect(await store.getValue('S')).toEqual({ m: round });
    }
    const saving = store.saveState();
    await store.setValue('S', null);
    await saving;
    expect(await store.recordExists('S')).toBe(false);
  });

  it('writes only what has changed', async () => {
    const dir = tempDir();
    const actor = newActor(dir);
    const state = await actor.useState<State>('S', { n: 1 });
    await save(actor);
    const path = join(dir, 'key_value_stores', 'default', 'S.json');
    const { statSync } = await import('node:fs');
    const before = statSync(path).ino;
    await save(actor);
    expect(statSync(path).ino).toBe(before);
    state.n = 2;
    await save(actor);
    expect(readFileSync(path, 'utf8')).toContain('2');
  });

  it('keeps the object as it is when setValue fails', async () => {
    const { store } = await openStore();
    const state = await store.getAutoSavedValue<State>('S', { n: 1 });
    const failing = new ReadableStream({ pull: () => Promise.reject(new Error('broken source')) });
    await expect(store.setValue('S', failing)).rejects.toThrow('broken source');
    state.n = 2;
    await store.saveState();
    expect(await store.getValue('S')).toEqual({ n: 2 });
  });

  it('shares nothing with the value that was set, and keeps the content type', async () => {
    const { store } = await openStore();
    const state = await store.getAutoSavedValue<{ inner?: State }>('S');
    const value = { inner: { n: 1 } };
    await store.setValue('S', value, { contentType: 'application/json' });
    value.inner.n = 9;
    expect(state).toEqual({ inner: { n: 1 } });
    state.inner = { n: 2 };
    await store.saveState();
    expect(await store.getRecord('S')).toMatchObject({ contentType: 'application/json' });
    expect(await store.getValue('S')).toEqual({ inner: { n: 2 } });
  });

  it('does not write a record again that is formatted by hand', async () => {
    const { store } = await openStore();
    await store.setValue('S', '{"n":   1}', { contentType: 'application/json; charset=utf-8' });
    const state = await store.getAutoSavedValue<State>('S');
    await store.saveState();
    expect(Buffer.from((await store.getRecord('S'))?.value ?? []).toString()).toBe('{"n":   1}');
    state.n = 2;
    await store.saveState();
    expect(await store.getValue('S')).toEqual({ n: 2 });
  });

  it('does not take what is being deleted for the state', async () => {
    const { store } = await openStore();
    await store.setValue('S', { old: 1 });
    const [, state] = await Promise.all([store.setValue('S', null), store.getAutoSavedValue<State>('S', { n: 1 })]);
    expect(state).toEqual({ n: 1 });
  });

  it('is not written behind a purge', async () => {
    const { store } = await openStore();
    const state = await store.getAutoSavedValue<{ text?: string }>('S');
    state.text = 'x'.repeat(5_000_000);
    const saving = store.saveState();
    await store.purge();
    await saving;
    expect(await store.keys()).toEqual([]);
  });

  it.each(['purge', 'drop'] as const)('goes on being saved when a %s was refused', async (removal) => {
    const { config } = await openStore();
    const backend = createBackend();
    const store = await KeyValueStore.open(null, { config, backend });
    const inner = await backend.openKeyValueStore({});
    const refuse = vi.spyOn(inner, removal).mockImplementation(async () => {
      // What is set while it is asked for is not undone by the next save.
      await store.setValue('S', { n: 2 });
      throw new KvError('KV_STORAGE_IN_USE', 'injected');
    });
    const state = await store.getAutoSavedValue<State>('S', { n: 1 });
    state.x = 1;
    const refused = store[removal]();
    const saving = store.saveState();
    await expect(refused).rejects.toMatchObject({ code: 'KV_STORAGE_IN_USE' });
    await saving;
    expect(refuse).toHaveBeenCalledTimes(1);
    expect(state).toEqual({ n: 2 });
    state.n = 3;
    await store.saveState();
    expect(await store.getValue('S')).toEqual({ n: 3 });
    expect(await store.getAutoSavedValue<State>('S')).toBe(state);
  });

  it('is that of a new record when it is asked for while a purge is under way', async () => {
    const { store } = await openStore();
    const before = await store.getAutoSavedValue<State>('S', { n: 1 });
    await store.getAutoSavedValue<State>('T', { n: 1 });
    await store.saveState();
    const [, state] = await Promise.all([store.purge(), store.getAutoSavedValue<State>('S')]);
    expect(state).toBe(before);
    expect(await store.keys()).toEqual([]);
    await store.saveState();
    expect(await store.keys()).toEqual(['S']);
  });

  it('refuses what is no object, given or stored', async () => {
    const { store } = await openStore();
    await expect(store.getAutoSavedValue('S', 5 as never)).rejects.toThrow('must be a plain object or an array');
    await store.setValue('S', 'text');
    await expect(store.getAutoSavedValue('S')).rejects.toThrow(
      'The record "S" of the key-value store "default" cannot be saved automatically',
    );
  });

  it('reports a state that cannot be saved, and goes on', async () => {
    const actor = newActor();
    const log = catchLog();
    const bad = await actor.useState<Record<string, unknown>>('BAD', {});
    const good = await actor.useState<State>('GOOD', {});
    bad['n'] = Number.NaN;
    good.n = 1;
    await save(actor);
    expect(log.mock.calls.flat().join('\n')).toContain(
      'the state "BAD" of the key-value store default was not saved: The value cannot be stored as JSON: $.n is NaN',
    );
    expect(await actor.getValue('GOOD')).toEqual({ n: 1 });
  });

  it('saves on the timer', async () => {
    setEnv();
    catchLog();
    const actor = new Actor({ storageDir: tempDir(), persistStateIntervalMillis: 10 });
    await actor.init();
    const events: unknown[] = [];
    actor.on('persistState', (payload) => events.push(payload));
    const state = await actor.useState<State>('S', { n: 0 });
    state.n = 7;
    await vi.waitFor(async () => expect(await actor.getValue('S')).toEqual({ n: 7 }));
    expect(events[0]).toEqual({ isMigrating: false });
    await save(actor);
  });
});

describe('auto-saved values in the tests of users', () => {
  it('are saved by a timer that vitest fakes', async () => {
    setEnv();
    catchLog();
    vi.useFakeTimers({ toFake: ['setInterval'] });
    onTestFinished(() => void vi.useRealTimers());
    const actor = new Actor({ purgeOnStart: false });
    await actor.init({ backend: createBackend() });
    (await actor.useState<State>('S', { n: 0 })).n = 7;
    await vi.advanceTimersByTimeAsync(59_999);
    expect(await actor.getValue('S')).toBeNull();
    await vi.advanceTimersByTimeAsync(1);
    expect(await actor.getValue('S')).toEqual({ n: 7 });
    await save(actor);
  });
});

describe('events', () => {
  it('waits for listeners, and saves what they change', async () => {
    const actor = newActor();
    const state = await actor.useState<State>('S', {});
    actor.on('persistState', async () => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      state.n = 3;
    });
    const exits: unknown[] = [];
    actor.on('exit', (payload) => exits.push(payload));
    await actor.exit('done', { exit: false, exitCode: 4 });
    expect(await actor.getValue('S')).toEqual({ n: 3 });
    expect(exits).toEqual([{ exitCode: 4, statusMessage: 'done' }]);
  });

  it('takes listeners back, one or all, and survives one that fails', async () => {
    const actor = newActor();
    const calls: string[] = [];
    const one = (): void => void calls.push('one');
    actor.on('persistState', one);
    actor.on('persistState', () => calls.push('two'));
    actor.on('persistState', () => {
      throw new Error('broken listener');
    });
    actor.off('persistState', one);
    await save(actor);
    expect(calls).toEqual(['two']);
    expect(vi.mocked(console.error).mock.calls.flat().join()).toContain(
      'a listener of the event persistState failed: broken listener',
    );
    actor.off('persistState');
    await save(actor);
    expect(calls).toEqual(['two']);
  });

  it('waits for writes that nobody awaited', async () => {
    const actor = newActor();
    const slow = new Blob(['x'.repeat(5_000_000)]).stream();
    const write = actor.setValue('slow', slow);
    await new Promise((resolve) => setTimeout(resolve, 1));
    await save(actor);
    expect(await actor.getValue('slow')).toHaveLength(5_000_000);
    await write;
  });
});

describe('processes', () => {
  const stateOf = (dir: string, key = 'S'): unknown =>
    JSON.parse(readFileSync(join(dir, 'storage', 'key_value_stores', 'default', `${key}.json`), 'utf8'));

  it.each(['SIGINT', 'SIGTERM'] as const)(
    'saves state on %s, tells listeners, and ends by the signal',
    async (signal) => {
      const dir = tempDir();
      const source = `
      await Actor.init();
      const state = await Actor.useState('S', { n: 1 });
      Actor.on('aborting', () => { state.aborting = true; });
      state.n = 2;
      console.log('ready');
      setInterval(() => {}, 1000);`;
      const result = await runProgram(source, { dir, onOutput: (_output, kill) => kill(signal) });
      expect(result).toMatchObject({ signal, code: null });
      expect(stateOf(dir)).toEqual({ n: 2, aborting: true });
    },
  );

  it('lets the program decide when it listens to the signal itself', async () => {
    const dir = tempDir();
    const source = `
      const state = await Actor.useState('S', { n: 1 });
      process.on('SIGTERM', () => setTimeout(() => process.exit(7), 100));
      console.log('ready');
      setInterval(() => {}, 1000);`;
    const result = await runProgram(source, { dir, onOutput: (_output, kill) => kill('SIGTERM') });
    expect(result.code).toBe(7);
    expect(stateOf(dir)).toEqual({ n: 1 });
  });

  it('saves state when there is nothing left to do, without init or exit', async () => {
    const dir = tempDir();
    const source = `
      const store = await KeyValueStore.open();
      const state = await store.getAutoSavedValue('S', { n: 1 });
      setTimeout(() => { state.n = 2; }, 10);`;
    expect(await runProgram(source, { dir })).toMatchObject({ code: 0 });
    expect(stateOf(dir)).toEqual({ n: 2 });
  });

  it('saves what changes after it had nothing left to do', async () => {
    const dir = tempDir();
    const source = `
      await Actor.init({ gracefulShutdown: false });
      const state = await Actor.useState('S', { n: 1 });
      let rounds = 0;
      process.on('beforeExit', () => { if (rounds++ < 3) setTimeout(() => { state.n += 1; }, 5); });`;
    expect(await runProgram(source, { dir })).toMatchObject({ code: 0 });
    expect(stateOf(dir)).toEqual({ n: 4 });
  });

  it('saves state when a signal comes during the exit', async () => {
    const dir = tempDir();
    const source = `
      await Actor.init();
      const state = await Actor.useState('S', { n: 1 });
      Actor.on('persistState', () => new Promise((resolve) => { console.log('persisting'); setTimeout(resolve, 300); }));
      state.n = 2;
      await Actor.exit();`;
    let isKilled = false;
    const onOutput: RunOptions['onOutput'] = (_output, kill) => {
      // A second signal would end it at once.
      if (!isKilled) kill('SIGTERM');
      isKilled = true;
    };
    await runProgram(source, { dir, onOutput });
    expect(stateOf(dir)).toEqual({ n: 2 });
  });

  it('saves on every signal of a program that goes on', async () => {
    const dir = tempDir();
    const source = `
      const state = await Actor.useState('S', { n: 0 });
      process.on('SIGINT', () => {
        state.n += 1;
        if (state.n === 3) setTimeout(() => process.exit(0), 100);
        else setTimeout(() => console.log('again'), 50);
      });
      console.log('ready');
      setInterval(() => {}, 1000);`;
    expect(await runProgram(source, { dir, onOutput: (_output, kill) => kill('SIGINT') })).toMatchObject({ code: 0 });
    expect(stateOf(dir)).toEqual({ n: 3 });
  });

  it('takes the options of init over when state was used before', async () => {
    const dir = tempDir();
    const source = `
      const state = await Actor.useState('S', { n: 1 });
      await Actor.init({ gracefulShutdown: false });
      console.log('ready');
      setInterval(() => {}, 1000);`;
    await runProgram(source, { dir, onOutput: (_output, kill) => kill('SIGTERM') });
    expect(() => stateOf(dir)).toThrow('ENOENT');
  });

  it('leaves signals alone when told so', async () => {
    const dir = tempDir();
    const source = `
      await Actor.init({ gracefulShutdown: false });
      await Actor.setValue('S', 'unchanged', { contentType: 'application/json' });
      await Actor.setValue('S', { n: 1 });
      const state = await Actor.useState('S');
      state.n = 2;
      console.log('ready');
      setInterval(() => {}, 1000);`;
    expect((await runProgram(source, { dir, onOutput: (_output, kill) => kill('SIGTERM') })).signal).toBe('SIGTERM');
    expect(stateOf(dir)).toEqual({ n: 1 });
  });

  it.each([
    ['await Actor.main(async () => { await Actor.setValue("S", 1); });', 0],
    ['await Actor.main(() => { throw new Error("my mistake"); });', 91],
    ['await Actor.main(() => {}, { exitCode: 5 });', 5],
    ['await Actor.init(); await Actor.exit();', 0],
    ['await Actor.init(); await Actor.exit({ exitCode: 3 });', 3],
    ['await Actor.init(); await Actor.fail("no good");', 1],
    ['await Actor.init(); await Actor.fail({ exitCode: 9 });', 9],
    ['Actor.on("exit", () => new Promise(() => {})); await Actor.exit({ timeoutSecs: 0.1, exitCode: 6 });', 6],
    ['await Actor.exit({ timeoutSecs: Infinity, exitCode: 7 });', 7],
    ['Actor.on("exit", () => Actor.exit({ exitCode: 8 })); await Actor.exit({ exitCode: 2 });', 2],
  ])('ends %j with code %i', async (source, code) => {
    const result = await runProgram(source, { dir: tempDir() });
    expect(result).toMatchObject({ code });
    if (code === 91) expect(result.stderr).toContain('Error: my mistake');
  });

  it('ends main with 91 and a clear word when the place cannot be used', async () => {
    const dir = tempDir();
    const result = await runProgram('await Actor.main(() => {});', {
      dir,
      env: { APIFY_LOCAL_STORAGE_DIR: join(dir, 'program.mjs') },
    });
    expect(result.code).toBe(91);
    expect(result.stderr).toContain('a file stands where a directory should be');
  });

  it('flushes writes before it exits', async () => {
    const dir = tempDir();
    const source = `
      await Actor.init();
      for (let i = 0; i < 100; i += 1) void Actor.setValue('k' + i, 'x'.repeat(100_000));
      await Actor.exit();`;
    await runProgram(source, { dir });
    const config = new Actor({ storageDir: join(dir, 'storage'), purgeOnStart: false }).config;
    catchLog();
    expect(await (await KeyValueStore.open(null, { config })).keys()).toHaveLength(100);
  });
});
