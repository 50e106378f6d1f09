import { setTimeout as delay } from 'node:timers/promises';
import { isKvError } from '@kv/core';
import { createBackend as createMemoryBackend } from '@kv/memory';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Fault } from './fault-proxy.js';
import { backends, errorOf, get, put, TEXT, withScene } from './fault-scene.js';
import type { Scene } from './fault-scene.js';
import { connect } from './start-server.js';

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

function name(fault: Fault): string {
  return fault.type === 'answer' ? `an answer ${fault.status}` : fault.type;
}

describe('a fault that passes', () => {
  it.each([...PASSING, ...HARMLESS].map((fault) => [name(fault), fault] as const))('%s', async (_name, fault) => {
    await withScene(createMemoryBackend(), async ({ proxy, store, direct }) => {
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
    await withScene(createMemoryBackend(), async ({ proxy, store, direct }) => {
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
    await withScene(createMemoryBackend(), async ({ proxy, store, direct }) => {
      proxy.useOnce({ type: 'answer', status: 429 }, { type: 'answer', status: 429 });
      await store.update({ name: 'renamed' });
      expect(proxy.count).toBe(3);
      expect((await direct.getInfo()).name).toBe('renamed');
    });
  });

  it('leaves the old record or the new one when it is a stream', async () => {
    await withScene(createMemoryBackend(), async ({ proxy, store, direct }) => {
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
    await withScene(createMemoryBackend(), async ({ proxy, store }) => {
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
    await withScene(createMemoryBackend(), async ({ proxy, direct }) => {
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
    await withScene(createMemoryBackend(), async ({ proxy, direct }) => {
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
    await withScene(createMemoryBackend(), async ({ proxy, store }) => {
      proxy.useOnce({ type: 'answer', status: 429, retryAfter: '1' });
      const started = performance.now();
      await store.listKeys();
      expect(performance.now() - started).toBeGreaterThan(950);
    });
  });

  it('ends at once when the signal fires while waiting', async () => {
    await withScene(createMemoryBackend(), async ({ proxy, store }) => {
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

/** Makes a fault, anew for each request. */
type MakeFault = () => Fault;

const anyFault: fc.Arbitrary<MakeFault> = fc.oneof(
  { weight: 6, arbitrary: fc.constant((): Fault => ({ type: 'none' })) },
  {
    weight: 3,
    arbitrary: fc.constantFrom<Fault>(...PASSING, ...HARMLESS, { type: 'cut upload' }).map((fault) => () => fault),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.constantFrom('late' as const, 'late duplicate' as const), fc.nat(300))
      .map(([type, millis]) => () => ({ type, until: delay(millis) })),
  },
);

/** A record that was written, and what it may be. */
interface Writings {
  readonly key: string;
  readonly possible: readonly (string | undefined)[];
}

/** Writes a record again and again, and looks at it each time. */
async function writeAndLook({ store, direct }: Scene, key: string): Promise<Writings> {
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
        // It may still come, until the next one is acknowledged.
        possible.push(after);
      },
    );
    expect(possible, `round ${round} of ${key}`).toContain(await get(direct, key));
  }
  return { key, possible };
}

describe.each(backends)('a line that breaks at any time, over $name', ({ open }) => {
  it('loses no write that was acknowledged, and no write is undone by one before it', async () => {
    const faults = fc.infiniteStream(anyFault);
    const property = fc.asyncProperty(faults, async (stream) => {
      await withScene(open(), async (scene) => {
        scene.proxy.use(() => (stream.next().value as MakeFault)());
        const keys = Array.from({ length: 8 }, (_, index) => `key-${index}`);
        const writings = await Promise.all(keys.map((key) => writeAndLook(scene, key)));
        await scene.proxy.settled();
        for (const { key, possible } of writings) expect(possible).toContain(await get(scene.direct, key));
      });
    });
    // A failure tells its seed. What is sent at once may come in any order, so that there is no smaller example to look for.
    await fc.assert(property, { numRuns: 2, endOnFailure: true });
  }, 120_000);
});
