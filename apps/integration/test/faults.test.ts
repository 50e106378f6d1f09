import { isKvError } from '@kv/core';
import type { KeyValueStoreBackend } from '@kv/core';
import { createBackend as createMemoryBackend } from '@kv/memory';
import { describe, expect, it } from 'vitest';
import { FaultProxy } from './fault-proxy.js';
import type { Fault } from './fault-proxy.js';
import { connect, startServer } from './start-server.js';

const TEXT = 'text/plain; charset=utf-8';

/** Those that pass: the next attempt gets through. */
const PASSING: readonly Fault[] = [
  { type: 'cut before' },
  { type: 'cut after' },
  { type: 'truncate' },
  { type: 'answer', status: 429 },
  { type: 'answer', status: 500 },
  { type: 'answer', status: 502 },
  { type: 'answer', status: 503 },
];
/** Those that are none to the one who asks. */
const HARMLESS: readonly Fault[] = [{ type: 'delay', millis: 50 }, { type: 'duplicate' }];

interface Scene {
  readonly proxy: FaultProxy;
  /** The store through the proxy, without patience. */
  readonly store: KeyValueStoreBackend;
  /** The store without anything in between. */
  readonly direct: KeyValueStoreBackend;
}

async function withScene(run: (scene: Scene) => Promise<void>): Promise<void> {
  const server = await startServer(createMemoryBackend());
  await using proxy = await FaultProxy.start(server.url);
  await using near = await connect(server.url);
  await using far = await connect(proxy.url, { maxRetries: 2, retryDelayMillis: 10 });
  const direct = await near.openKeyValueStore({ name: 'records' });
  await run({ proxy, store: await far.openKeyValueStore({ name: 'records' }), direct });
  await server.close();
}

async function put(store: KeyValueStoreBackend, key: string, text: string): Promise<void> {
  await store.setRecord({ key, value: new TextEncoder().encode(text), contentType: TEXT });
}

async function get(store: KeyValueStoreBackend, key: string): Promise<string | undefined> {
  const record = await store.getRecord(key);
  return record && new TextDecoder().decode(record.value);
}

function name(fault: Fault): string {
  return fault.type === 'answer' ? `an answer ${fault.status}` : fault.type;
}

async function errorOf(operation: Promise<unknown>): Promise<unknown> {
  return operation.then(
    () => expect.unreachable('it succeeded'),
    (error: unknown) => error,
  );
}

describe('a fault that passes', () => {
  it.each([...PASSING, ...HARMLESS].map((fault) => [name(fault), fault] as const))('%s', async (_name, fault) => {
    await withScene(async ({ proxy, store, direct }) => {
      const attempts = HARMLESS.includes(fault) ? 1 : 2;
      const withFault = async <T>(operation: () => Promise<T>): Promise<T> => {
        proxy.useOnce(fault);
        const result = await operation();
        expect(proxy.count).toBe(attempts);
        return result;
      };
      // Longer than one chunk, so that half of it arrives.
      const text = 'x'.repeat(100_000);
      await withFault(() => put(store, 'key', text));
      expect(await get(direct, 'key')).toBe(text);
      expect(await withFault(() => get(store, 'key'))).toBe(text);
      if (fault.type !== 'truncate') {
        expect(await withFault(() => store.getRecordInfo('key'))).toMatchObject({ size: 100_000 });
        await withFault(() => store.deleteRecord('other'));
      }
      expect(await withFault(() => store.listKeys())).toMatchObject({ items: [{ key: 'key', size: 100_000 }] });
      expect(await withFault(() => store.getInfo())).toMatchObject({ name: 'records' });
    });
  });
});

describe('a write that must not be repeated', () => {
  it('is told of as failed, with what is known of it, and was sent once', async () => {
    await withScene(async ({ proxy, store, direct }) => {
      const faults: Fault[] = [{ type: 'cut before' }, { type: 'cut after' }, { type: 'answer', status: 500 }];
      for (const [index, fault] of faults.entries()) {
        proxy.useOnce(fault);
        const error = await errorOf(store.update({ name: `renamed-${index}` }));
        expect(error).toMatchObject({ code: 'KV_BACKEND_FAILED', details: { id: store.id } });
        expect(String(error)).toContain('Whether it was done is not known');
        expect(proxy.count).toBe(1);
      }
      expect((await direct.getInfo()).name).toBe('renamed-1');
    });
  });

  it('is repeated when the server says that it has done nothing', async () => {
    await withScene(async ({ proxy, store, direct }) => {
      proxy.useOnce({ type: 'answer', status: 429 }, { type: 'answer', status: 429 });
      await store.update({ name: 'renamed' });
      expect(proxy.count).toBe(3);
      expect((await direct.getInfo()).name).toBe('renamed');
    });
  });

  it('leaves the old record or the new one when it is a stream', async () => {
    await withScene(async ({ proxy, store, direct }) => {
      const text = 'y'.repeat(3_000_000);
      const expected = { 'cut before': 'old', 'cut after': text, 'cut upload': 'old' };
      for (const [type, left] of Object.entries(expected)) {
        await put(direct, 'key', 'old');
        proxy.useOnce({ type } as Fault);
        const value = new Blob([text]).stream();
        const error = await errorOf(store.setRecord({ key: 'key', value, contentType: TEXT }));
        expect(error).toMatchObject({ code: 'KV_BACKEND_FAILED', details: { key: 'key' } });
        expect(proxy.count).toBe(1);
        expect([type, await get(direct, 'key')]).toEqual([type, left]);
      }
    });
  });
});

describe('a fault that lasts', () => {
  it('is a typed error after the last attempt', async () => {
    await withScene(async ({ proxy, store }) => {
      const lasting: readonly [Fault, object][] = [
        [{ type: 'cut before' }, { code: 'KV_BACKEND_FAILED' }],
        [{ type: 'cut after' }, { code: 'KV_BACKEND_FAILED' }],
        [{ type: 'truncate' }, { code: 'KV_BACKEND_FAILED' }],
        [
          { type: 'answer', status: 500 },
          { code: 'KV_BACKEND_FAILED', details: { status: 500 } },
        ],
        [
          { type: 'answer', status: 503 },
          { code: 'KV_BACKEND_FAILED', details: { status: 503 } },
        ],
        [
          { type: 'answer', status: 429 },
          { code: 'KV_STORAGE_BUSY', details: { status: 429 } },
        ],
      ];
      for (const [fault, error] of lasting) {
        proxy.use(() => fault);
        expect(await errorOf(store.listKeys())).toMatchObject(error);
        expect(proxy.count).toBe(3);
      }
    });
  });

  it('is an error in time when the server is silent, at the start or half way', async () => {
    await withScene(async ({ proxy, direct }) => {
      const text = 'z'.repeat(1_000_000);
      await put(direct, 'key', text);
      await using hasty = await connect(proxy.url, { timeoutMillis: 2000, maxRetries: 1, retryDelayMillis: 1 });
      const store = await hasty.openKeyValueStore({ id: direct.id });
      for (const type of ['silence', 'stall'] as const) {
        proxy.use(() => ({ type }));
        const error = await errorOf(store.getRecord('key'));
        expect(error).toMatchObject({ code: 'KV_BACKEND_FAILED' });
        expect(String(error)).toContain('nothing came for 2 seconds');
        expect(proxy.count).toBe(2);
      }
      proxy.useOnce({ type: 'silence' });
      const value = new Blob([text]).stream();
      await expect(store.setRecord({ key: 'other', value, contentType: TEXT })).rejects.toMatchObject({
        code: 'KV_BACKEND_FAILED',
      });
    });
  });

  it.each(['truncate', 'stall'] as const)('fails a stream that was opened: %s', async (type) => {
    await withScene(async ({ proxy, direct }) => {
      await put(direct, 'key', 'z'.repeat(1_000_000));
      await using hasty = await connect(proxy.url, { timeoutMillis: 2000 });
      const store = await hasty.openKeyValueStore({ id: direct.id });
      proxy.useOnce({ type });
      const opened = await store.getRecordStream('key');
      let size = 0;
      const error = await errorOf(
        (async () => {
          for await (const chunk of opened?.stream ?? []) size += chunk.byteLength;
        })(),
      );
      expect(error).toMatchObject({ code: 'KV_BACKEND_FAILED', details: { key: 'key' } });
      expect(size).toBeLessThanOrEqual(500_000);
    });
  });

  it('waits as long as Retry-After says', async () => {
    await withScene(async ({ proxy, store }) => {
      proxy.useOnce({ type: 'answer', status: 429, retryAfter: '1' });
      const started = performance.now();
      await store.listKeys();
      expect(performance.now() - started).toBeGreaterThan(950);
    });
  });

  it('ends at once when the signal fires while waiting', async () => {
    await withScene(async ({ proxy, store }) => {
      const controller = new AbortController();
      const reason = new Error('enough');
      proxy.use(() => {
        setTimeout(() => controller.abort(reason), 100);
        return { type: 'answer', status: 503, retryAfter: '3600' };
      });
      expect(await errorOf(store.listKeys({ signal: controller.signal }))).toBe(reason);
      expect(proxy.count).toBe(1);
    });
  });
});

describe('a line that breaks at any time', () => {
  it('loses no write that was acknowledged, and no write is undone by one before it', async () => {
    await withScene(async ({ proxy, store, direct }) => {
      const faults: readonly Fault[] = [...PASSING, ...HARMLESS, { type: 'cut upload' }];
      proxy.use(() =>
        Math.random() < 0.4 ? (faults[Math.floor(Math.random() * faults.length)] as Fault) : { type: 'none' },
      );
      const writer = async (index: number): Promise<void> => {
        const key = `key-${index}`;
        let possible: (string | undefined)[] = [undefined];
        for (let round = 0; round < 25; round += 1) {
          const text = `${round} ${'x'.repeat(round * 1000)}`;
          const isDeletion = round % 7 === 6;
          const value = round % 3 === 0 ? new Blob([text]).stream() : new TextEncoder().encode(text);
          const write = isDeletion ? store.deleteRecord(key) : store.setRecord({ key, value, contentType: TEXT });
          const after = isDeletion ? undefined : text;
          await write.then(
            () => (possible = [after]),
            (error: unknown) => {
              expect(isKvError(error, 'KV_BACKEND_FAILED') || isKvError(error, 'KV_STORAGE_BUSY')).toBe(true);
              possible.push(after);
            },
          );
          const now = await get(direct, key);
          expect(possible, `round ${round} of ${key}`).toContain(now);
          // What was seen stays: a write that is given up is not done later.
          possible = [now];
        }
      };
      await Promise.all(Array.from({ length: 8 }, (_, index) => writer(index)));
    });
  }, 120_000);
});
