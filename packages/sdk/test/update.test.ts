import { isKvError } from '@kv/core';
import type { KeyValueStoreBackend, StorageBackend } from '@kv/core';
import { createBackend } from '@kv/memory';
import { describe, expect, it, vi } from 'vitest';
import { Configuration, KeyValueStore } from '../src/index.js';
import { catchLog, setEnv } from './helpers.js';

/** Opens a store that nobody else has opened: with a queue of its own, as another process has. */
async function openAlone(backend: StorageBackend = createBackend()): Promise<KeyValueStore> {
  setEnv();
  catchLog();
  return KeyValueStore.open('updated', { config: new Configuration(), backend });
}

/** A store, what is below it, and how often that is written. */
async function openWatched(): Promise<{ store: KeyValueStore; below: KeyValueStoreBackend; backend: StorageBackend }> {
  const backend = createBackend();
  const store = await openAlone(backend);
  return { store, below: await backend.openKeyValueStore({ name: 'updated' }), backend };
}

const text = 'text/plain; charset=utf-8';

describe('update', () => {
  it('creates, changes and deletes, and gives what it has stored', async () => {
    const store = await openAlone();
    expect(await store.update<number>('n', (current) => (current ?? 40) + 1)).toBe(41);
    expect(await store.update<number>('n', async (current = 0) => current + 1)).toBe(42);
    expect(await store.getValue('n')).toBe(42);
    expect(await store.update('n', () => null)).toBeNull();
    expect(await store.recordExists('n')).toBe(false);
    expect(await store.update('n', (current) => (current === undefined ? null : 1))).toBeNull();
    expect(await store.recordExists('n')).toBe(false);
  });

  it('tells a stored null from nothing', async () => {
    const store = await openAlone();
    await store.setValue('k', 'null', { contentType: 'application/json' });
    const seen: unknown[] = [];
    await store.update('k', (current) => {
      seen.push(current);
      return 'value';
    });
    expect(seen).toEqual([null]);
  });

  it('loses no change of many that change one record at once', async () => {
    const backend = createBackend();
    const stores = await Promise.all(Array.from({ length: 5 }, () => openAlone(backend)));
    const updates = Array.from({ length: 60 }, async (_, index) =>
      (stores[index % 5] as KeyValueStore).update<number[]>('list', async (list = []) => {
        if (index % 4 === 0) await new Promise((resolve) => setImmediate(resolve));
        return [...list, index];
      }),
    );
    await Promise.all(updates);
    const list = (await stores[0]?.getValue<number[]>('list')) ?? [];
    expect(list.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 60 }, (_, index) => index));
  });

  it('calls the function again with what another has written meanwhile', async () => {
    const { store, below } = await openWatched();
    await store.setValue('k', 'first');
    const seen: unknown[] = [];
    const result = await store.update<string>('k', async (current) => {
      seen.push(current);
      if (seen.length === 1) await below.setRecord({ key: 'k', value: Buffer.from('theirs'), contentType: text });
      if (seen.length === 2) await below.deleteRecord('k');
      if (seen.length === 3) await below.setRecord({ key: 'k', value: Buffer.from('again'), contentType: text });
      return `${current} and mine`;
    });
    expect(seen).toEqual(['first', 'theirs', undefined, 'again']);
    expect([result, await store.getValue('k')]).toEqual(['again and mine', 'again and mine']);
  });

  it('deletes nothing that another has written meanwhile', async () => {
    const { store, below } = await openWatched();
    await store.setValue('k', 'empty');
    await store.update<string>('k', async (current) => {
      if (current === 'empty') await below.setRecord({ key: 'k', value: Buffer.from('full'), contentType: text });
      return current === 'empty' ? null : (current ?? null);
    });
    expect(await store.getValue('k')).toBe('full');
  });

  it('gives up when others are faster each time, and leaves what they have written', async () => {
    const { store, below } = await openWatched();
    vi.spyOn(Math, 'random').mockReturnValue(0);
    let calls = 0;
    const error: unknown = await store
      .update('k', async () => {
        calls += 1;
        await below.setRecord({ key: 'k', value: Buffer.from(`theirs ${calls}`), contentType: text });
        return 'mine';
      })
      .catch((thrown: unknown) => thrown);
    vi.restoreAllMocks();
    expect(isKvError(error, 'KV_PRECONDITION_FAILED')).toBe(true);
    expect((error as Error).message).toContain(
      'The record "k" of the key-value store "updated" was not updated: 50 times',
    );
    expect((error as { details?: object }).details).toMatchObject({ key: 'k', etag: expect.any(String) });
    expect(calls).toBe(50);
    expect(await store.getValue('k')).toBe('theirs 50');
  });

  it('does not write again what is stored', async () => {
    const { store, below } = await openWatched();
    await store.setValue('k', { a: 1 });
    await store.setValue('page', '<p>', { contentType: 'text/html' });
    const before = [await below.getRecordInfo('k'), await below.getRecordInfo('page')];
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(await store.update('k', (current) => current as object)).toEqual({ a: 1 });
    expect(await store.update('page', (current) => current as string)).toBe('<p>');
    expect([await below.getRecordInfo('k'), await below.getRecordInfo('page')]).toEqual(before);
  });

  it('stores what was changed in place', async () => {
    const store = await openAlone();
    await store.setValue('object', { n: 1 });
    await store.update<{ n: number }>('object', (current = { n: 0 }) => Object.assign(current, { n: current.n + 1 }));
    expect(await store.getValue('object')).toEqual({ n: 2 });
    await store.setValue('bytes', new Uint8Array([1, 2]));
    await store.update<Uint8Array>('bytes', (current = new Uint8Array()) => current.fill(9));
    expect(await store.getValue('bytes')).toEqual(Buffer.from([9, 9]));
  });

  it.each([
    ['text/html', '<p>', '<p>!', 'text/html'],
    ['image/png', new Uint8Array([1]), new Uint8Array([2]), 'image/png'],
    ['image/png', new Uint8Array([1]), new Blob(['x'], {}).stream(), 'image/png'],
    ['application/json', '{"a":1}', { a: 2 }, 'application/json'],
    ['application/json', '"text"', 'other', text],
    ['text/html', '<p>', { a: 1 }, 'application/json; charset=utf-8'],
    ['image/png', new Uint8Array([1]), 'a text', text],
  ])('turns %s with %j into %j of type %s', async (contentType, before, after, expected) => {
    const { store, below } = await openWatched();
    await store.setValue('k', before, { contentType });
    await store.update('k', () => after);
    expect((await below.getRecordInfo('k'))?.contentType).toBe(expected);
    expect(await store.getValue('k')).toEqual(
      after instanceof Uint8Array ? Buffer.from(after) : after instanceof ReadableStream ? Buffer.from('x') : after,
    );
  });

  it('takes the content type that it is given', async () => {
    const { store, below } = await openWatched();
    await store.setValue('k', 'text');
    await store.update('k', (current) => current as string, { contentType: 'text/html' });
    expect((await below.getRecordInfo('k'))?.contentType).toBe('text/html');
    await expect(store.update('k', () => ({ a: 1 }), { contentType: 'text/html' })).rejects.toThrow(TypeError);
    expect(await store.getValue('k')).toBe('text');
  });

  it('keeps its place among writes that nobody awaits', async () => {
    const store = await openAlone();
    const writes = [
      store.setValue('k', new Blob(['a'.repeat(500_000)]), { contentType: 'text/plain' }),
      store.update<string>('k', async (current = '') => {
        await new Promise((resolve) => setImmediate(resolve));
        return `${current.length} b`;
      }),
      store.update<string>('k', (current) => `${current} c`),
    ];
    await Promise.all(writes);
    expect(await store.getValue('k')).toBe('500000 b c');
    const later = store.update('k', () => 'update');
    await store.setValue('k', 'set');
    await later;
    expect(await store.getValue('k')).toBe('set');
  });

  it('gives each of many in one process the value of the one before', async () => {
    const store = await openAlone();
    const values = Array.from({ length: 30 }, (_, index) => (index % 7 === 3 ? null : index));
    const seen: unknown[] = [];
    const updates = values.map((value) =>
      store.update<number>('k', (current) => {
        seen.push(current ?? null);
        return value;
      }),
    );
    expect(await Promise.all(updates)).toEqual(values);
    expect(seen).toEqual([null, ...values].slice(0, -1));
  });
});

describe('update of an auto-saved value', () => {
  it('starts from what the program has changed, and puts the new content into its object', async () => {
    const store = await openAlone();
    const state = await store.getAutoSavedValue<{ n: number; x?: number }>('S', { n: 1 });
    state.n = 5;
    await store.update<{ n: number }>('S', (current = { n: 0 }) => ({ n: current.n * 2 }));
    expect(state).toEqual({ n: 10 });
    state.x = 1;
    await store.saveState();
    expect(await store.getValue('S')).toEqual({ n: 10, x: 1 });
  });

  it('takes over what others have stored, though it changes nothing of it', async () => {
    const { store, below } = await openWatched();
    const state = await store.getAutoSavedValue<{ n: number }>('S', { n: 1 });
    await store.saveState();
    await below.setRecord({ key: 'S', value: Buffer.from('{"n":7}'), contentType: 'application/json' });
    await store.update('S', (current) => current as object);
    expect(state).toEqual({ n: 7 });
  });

  it('does not bring back what it has deleted', async () => {
    const store = await openAlone();
    const state = await store.getAutoSavedValue<{ n: number }>('S', { n: 1 });
    await store.update('S', () => null);
    state.n = 2;
    await store.saveState();
    expect(await store.recordExists('S')).toBe(false);
  });

  it('says that the object could not be saved, and changes nothing', async () => {
    const store = await openAlone();
    const state = await store.getAutoSavedValue<Record<string, unknown>>('S', { n: 1 });
    await store.saveState();
    state['self'] = state;
    await expect(store.update('S', () => ({ n: 2 }))).rejects.toMatchObject({ code: 'KV_VALUE_INVALID' });
    expect(await store.getValue('S')).toEqual({ n: 1 });
    expect(state['self']).toBe(state);
  });
});

describe('update that fails', () => {
  it('leaves the record when the function throws or gives what cannot be stored', async () => {
    const store = await openAlone();
    await store.setValue('k', 'old');
    const failure = new Error('no');
    await expect(store.update('k', () => Promise.reject(failure))).rejects.toBe(failure);
    await expect(
      store.update('k', () => {
        throw failure;
      }),
    ).rejects.toBe(failure);
    await expect(store.update('k', () => {})).rejects.toThrow(
      new TypeError(
        'The function of update() gave undefined. Return the new value, the current one to leave it, or null to delete the record.',
      ),
    );
    await expect(store.update('k', () => Number.NaN)).rejects.toMatchObject({ code: 'KV_VALUE_INVALID' });
    expect(await store.getValue('k')).toBe('old');
    expect(await store.update('k', () => 'new')).toBe('new');
  });

  it('refuses what is no key and no function', async () => {
    const store = await openAlone();
    await expect(store.update('a/b', () => 1)).rejects.toMatchObject({ code: 'KV_KEY_INVALID' });
    await expect(store.update('k', { n: 1 } as never)).rejects.toThrow('An update takes a function');
    expect(await store.keys()).toEqual([]);
  });

  it('refuses to wait for itself, and leaves all other keys free', async () => {
    const store = await openAlone();
    const message = 'The record "k" is being updated by the very function that asks for it';
    await expect(store.update('k', async () => store.setValue('k', 1).then(() => 2))).rejects.toThrow(message);
    await expect(
      store.update('k', async () => store.update('other', async () => store.update('k', () => 1))),
    ).rejects.toThrow(message);
    await expect(store.update('k', async () => store.getAutoSavedValue('k'))).rejects.toThrow(message);
    const later = Promise.withResolvers<number>();
    await store.update('k', async () => {
      setImmediate(() => void store.setValue('k', 'later').then(() => later.resolve(1)));
      return store.update('other', () => 'done');
    });
    await later.promise;
    expect([await store.getValue('k'), await store.getValue('other')]).toEqual(['later', 'done']);
  });

  it('says which record cannot be read, and leaves it', async () => {
    const store = await openAlone();
    await store.setValue('k', '{ no json', { contentType: 'application/json' });
    await expect(store.update('k', () => 1)).rejects.toMatchObject({ code: 'KV_RECORD_CORRUPT' });
    expect((await store.getRecord('k'))?.value).toEqual(new Uint8Array(Buffer.from('{ no json')));
  });

  it('stops at once with the reason of the signal, also between two attempts', async () => {
    const { store, below } = await openWatched();
    await store.setValue('k', 'old');
    const reason = new Error('enough');
    const never = vi.fn<() => string>(() => 'new');
    await expect(store.update('k', never, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(never).not.toHaveBeenCalled();
    const controller = new AbortController();
    let calls = 0;
    const update = store.update(
      'k',
      async () => {
        calls += 1;
        await below.setRecord({ key: 'k', value: Buffer.from(`theirs ${calls}`), contentType: text });
        // While it waits for its next turn.
        setImmediate(() => controller.abort(reason));
        return 'mine';
      },
      { signal: controller.signal },
    );
    await expect(update).rejects.toBe(reason);
    expect(await store.getValue('k')).toBe(`theirs ${calls}`);
  });

  it('says that the backend has no conditional writes, and calls nothing', async () => {
    const plain = createBackend();
    const capabilities = { ...plain.capabilities, conditionalWrites: false };
    const store = await openAlone(Object.assign(plain, { capabilities }));
    const change = vi.fn<() => number>(() => 1);
    await expect(store.update('k', change)).rejects.toMatchObject({
      code: 'KV_NOT_SUPPORTED',
      message: 'The backend memory has no conditionalWrites. Use another backend for this.',
    });
    expect(change).not.toHaveBeenCalled();
  });
});
