import { setTimeout as delay } from 'node:timers/promises';
import { isKvError } from '@kv/core';
import type { KeyValueStoreBackend, StorageBackend } from '@kv/core';
import { describe, expect, it } from 'vitest';
import { backends, errorOf, get, put, TEXT, withScene } from './fault-scene.js';
import type { Scene } from './fault-scene.js';

type Write = (store: KeyValueStoreBackend) => Promise<void>;

const KEY = 'key';
const setOne: Write = (store) => put(store, KEY, 'one');
const setTwo: Write = (store) => put(store, KEY, 'two');
/** More than the server keeps in memory. */
const setLarge: Write = (store) => put(store, KEY, 'large '.repeat(50_000));
const setStream: Write = (store) =>
  store.setRecord({ key: KEY, value: new Blob(['stream '.repeat(50_000)]).stream(), contentType: TEXT });
const remove: Write = (store) => store.deleteRecord(KEY);

/** A write, a newer one, and what is left. */
const PAIRS: readonly (readonly [string, Write, Write, string | undefined])[] = [
  ['set, set', setOne, setTwo, 'two'],
  ['set a large value, set', setLarge, setTwo, 'two'],
  ['set, delete', setOne, remove, undefined],
  ['delete, set', remove, setTwo, 'two'],
];

/** Plays a scene whose record is there already, with something to wait for. */
async function withRecord(
  backend: StorageBackend,
  run: (scene: Scene, gate: PromiseWithResolvers<void>) => Promise<void>,
): Promise<void> {
  await withScene(backend, async (scene) => {
    await put(scene.direct, KEY, 'before');
    await run(scene, Promise.withResolvers<void>());
  });
}

describe.each(backends)('a write that arrives late, over $name', ({ open }) => {
  it.each(PAIRS)('does not undo a newer one: %s', async (_name, first, second, left) => {
    await withRecord(open(), async ({ proxy, store, direct }, gate) => {
      proxy.useOnce({ type: 'late', until: gate.promise });
      await first(store);
      expect(proxy.count).toBe(2);
      await second(store);
      // With this, the server forgets the two.
      await put(store, 'other', 'three');
      gate.resolve();
      await proxy.settled();
      expect(await get(direct, KEY)).toBe(left);
    });
  });

  it.each(PAIRS)('does not undo a newer one when it comes twice: %s', async (_name, first, second, left) => {
    await withRecord(open(), async ({ proxy, store, direct }, gate) => {
      proxy.useOnce({ type: 'late duplicate', until: gate.promise });
      await first(store);
      await second(store);
      gate.resolve();
      await proxy.settled();
      expect(await get(direct, KEY)).toBe(left);
    });
  });

  it('does not undo a newer one when it was given up, and others are still under way', async () => {
    await withRecord(open(), async ({ proxy, store, direct }, gate) => {
      const opened = Promise.withResolvers<void>();
      const slow = new ReadableStream<Uint8Array>({
        async pull(controller) {
          opened.resolve();
          await gate.promise;
          controller.close();
        },
      });
      const writing = store.setRecord({ key: 'other', value: slow, contentType: TEXT });
      await opened.promise;
      for (const write of [setOne, setStream, remove]) {
        proxy.use(() => ({ type: 'late', until: gate.promise }));
        await errorOf(write(store));
      }
      proxy.useOnce();
      await setTwo(store);
      gate.resolve();
      await Promise.all([writing, proxy.settled()]);
      expect(await get(direct, KEY)).toBe('two');
      expect(await get(direct, 'other')).toBe('');
    });
  });

  it('does not undo a newer one of another client, when it was repeated', async () => {
    await withRecord(open(), async ({ proxy, store, direct }, gate) => {
      proxy.useOnce({ type: 'late', until: gate.promise });
      await setOne(store);
      await setTwo(direct);
      gate.resolve();
      await proxy.settled();
      expect(await get(direct, KEY)).toBe('two');
    });
  });

  it('is done when its first attempt was slow on the server, and then once', async () => {
    const backend = open();
    const seen: string[] = [];
    const slow = slowOnce(backend, delay(1000), seen);
    const options = { timeoutMillis: 300, maxRetries: 8 };
    await withScene(
      slow,
      async ({ store, direct }) => {
        await setOne(store);
        expect(await get(direct, KEY)).toBe('one');
        await setTwo(store);
        await delay(1000);
        expect(await get(direct, KEY)).toBe('two');
        expect(seen).toEqual(['one', 'two']);
      },
      options,
    );
  });

  it('with a condition has the outcome that it had', async () => {
    await withRecord(open(), async ({ proxy, store, direct }, gate) => {
      const create = store.setRecord.bind(
        store,
        { key: KEY, value: new Uint8Array(), contentType: TEXT },
        { ifNoneMatch: '*' },
      );
      proxy.useOnce({ type: 'late duplicate', until: gate.promise });
      expect(await errorOf(create())).toMatchObject({ code: 'KV_PRECONDITION_FAILED' });
      await remove(direct);
      gate.resolve();
      await proxy.settled();
      expect(await get(direct, KEY)).toBeUndefined();
      const again = Promise.withResolvers<void>();
      proxy.useOnce({ type: 'late', until: again.promise });
      expect(isKvError(await errorOf(create()), 'KV_BACKEND_FAILED')).toBe(true);
      await remove(store);
      again.resolve();
      await proxy.settled();
      expect(await get(direct, KEY)).toBeUndefined();
    });
  });
});

/** A backend whose first write of the record waits, as on a disk that hangs. It tells which values come. */
function slowOnce(backend: StorageBackend, until: Promise<unknown>, seen: string[]): StorageBackend {
  let isFirst = true;
  const slow = (store: KeyValueStoreBackend): KeyValueStoreBackend =>
    override(store, 'setRecord', async (record, options) => {
      if (record.key === KEY && record.value instanceof Uint8Array) {
        seen.push(new TextDecoder().decode(record.value));
        const wait = isFirst;
        isFirst = false;
        if (wait) await until;
      }
      return store.setRecord(record, options);
    });
  return override(backend, 'openKeyValueStore', async (...call) => slow(await backend.openKeyValueStore(...call)));
}

function override<T extends object, K extends keyof T>(target: T, name: K, method: T[K]): T {
  return new Proxy(target, {
    get(_target, property) {
      if (property === name) return method;
      const value: unknown = Reflect.get(target, property, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
