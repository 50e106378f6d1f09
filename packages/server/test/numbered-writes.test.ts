import { KvError } from '@kv/core';
import type { StorageBackend } from '@kv/core';
import { createBackend } from '@kv/memory';
import { describe, expect, it } from 'vitest';
import { WriteOrder } from '../src/key-value-stores/write-order.js';
import { serve } from './serve.js';
import type { TestServer } from './serve.js';

const CLIENT = 'a-client-with-an-id';
const KEY = 'key';

/** A backend whose stores write the record of these tests in another way. */
function writing(before: () => Promise<void>): StorageBackend {
  const backend = createBackend();
  const open = backend.openKeyValueStore.bind(backend);
  backend.openKeyValueStore = async (...call) => {
    const store = await open(...call);
    const set = store.setRecord.bind(store);
    store.setRecord = async (record, options) => {
      if (record.key === KEY) await before();
      await set(record, options);
    };
    return store;
  };
  return backend;
}

/** Sends numbered writes of one record. */
async function recordOf(server: TestServer) {
  const { id } = await server.json('POST', '/v2/key-value-stores?name=records');
  const url = `/v2/key-value-stores/${String(id)}/records/${KEY}`;
  return {
    put: async (write: string, body: string, init: RequestInit = {}): Promise<number> => {
      const headers = { 'x-kv-write': `${CLIENT}:${write}`, ...init.headers };
      return (await server.request(url, { method: 'PUT', body, ...init, headers })).status;
    },
    delete: async (write: string): Promise<number> => {
      const numbered = { 'x-kv-write': `${CLIENT}:${write}` };
      return (await server.request(url, { method: 'DELETE', headers: numbered })).status;
    },
    get: async (): Promise<string> => (await server.request(url)).text(),
  };
}

describe('numbered writes', () => {
  it('are announced', async () => {
    await using server = await serve();
    const about = await (await server.request('/', { token: null })).json();
    expect(about).toMatchObject({ capabilities: { numberedWrites: true } });
  });

  it.each([
    '',
    CLIENT,
    `${CLIENT}:1`,
    `${CLIENT}:1:2`,
    `${CLIENT}:0:0`,
    `${CLIENT}:1:1:1`,
    `short:1:1`,
    `${CLIENT}:a:1`,
  ])('are refused with the header "%s"', async (header) => {
    await using server = await serve();
    const record = await recordOf(server);
    expect(await record.put('', 'text', { headers: { 'x-kv-write': header } })).toBe(400);
  });

  it('are done once, and answered each time', async () => {
    await using server = await serve();
    const record = await recordOf(server);
    expect([await record.put('1:1', 'one'), await record.put('1:1', 'other')]).toEqual([201, 201]);
    expect(await record.get()).toBe('one');
    expect([await record.delete('2:2'), await record.put('3:3', 'three'), await record.delete('2:2')]).toEqual([
      204, 201, 412,
    ]);
    expect(await record.get()).toBe('three');
  });

  it('that were sent together count as done in their order', async () => {
    await using server = await serve();
    const record = await recordOf(server);
    const create = { headers: { 'if-none-match': '*' } };
    expect([await record.delete('3:1'), await record.put('2:1', 'two')]).toEqual([204, 201]);
    // Whether its condition held before the deletion, nobody knows.
    expect(await record.put('1:1', 'one', create)).toBe(412);
    expect(await record.get()).toContain('record-not-found');
  });

  it('that failed are done by the next attempt, unless their failure is an answer', async () => {
    const errors = [new KvError('KV_BACKEND_FAILED', 'broken'), undefined, new KvError('KV_STORAGE_FULL', 'full')];
    await using server = await serve(
      writing(async () => {
        const error = errors.shift();
        if (error) throw error;
      }),
      { onError: () => undefined },
    );
    const record = await recordOf(server);
    expect([await record.put('1:1', 'one'), await record.put('1:1', 'one')]).toEqual([500, 201]);
    expect([await record.put('2:1', 'two'), await record.put('2:1', 'two')]).toEqual([507, 507]);
    expect(await record.get()).toBe('one');
    expect([await record.put('3:1', 'three'), await record.get()]).toEqual([201, 'three']);
  });

  it('are not done when their client has gone while they waited', async () => {
    const began = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<void>();
    const gone = Promise.withResolvers<void>();
    let asked = 0;
    await using server = await serve(
      writing(async () => {
        began.resolve();
        await gate.promise;
      }),
      {
        onAsked: ({ method, signal }) => {
          if (method === 'PUT' && (asked += 1) === 2) signal.addEventListener('abort', () => gone.resolve());
        },
      },
    );
    const record = await recordOf(server);
    const first = record.put('1:1', 'one');
    await began.promise;
    const abort = new AbortController();
    const second = record.put('2:1', 'two', { signal: abort.signal });
    await expect.poll(() => asked).toBe(2);
    abort.abort();
    await expect(second).rejects.toThrow('aborted');
    await gone.promise;
    gate.resolve();
    expect(await first).toBe(201);
    await expect.poll(() => server.inFlight()).toBe(0);
    expect(await record.get()).toBe('one');
    expect(await record.put('3:3', 'three')).toBe(201);
  });

  it('take memory for the last thousand of clients and records', () => {
    const order = new WriteOrder();
    const clients = Array.from({ length: 1001 }, (_, index) => {
      return order.clientOf({ client: `${CLIENT}-${index}`, number: 1, oldest: 1 });
    });
    for (const [index, known] of [false, true].entries()) {
      const again = order.clientOf({ client: `${CLIENT}-${index === 0 ? 1000 : 0}`, number: 1, oldest: 1 });
      expect(clients.includes(again)).toBe(!known);
    }
    const [client] = clients;
    for (let number = 1; number <= 1001; number += 1) client?.settle(`store/${number}`, number, {});
    expect(client?.outcomeOf('store/2', 2, false)).toEqual({});
    expect(client?.outcomeOf('store/1', 1, false)).toBeUndefined();
  });
});
