import { once } from 'node:events';
import { mkdtempSync, readdirSync } from 'node:fs';
import { Agent, IncomingMessage, request as httpRequest, ServerResponse } from 'node:http';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { queryObjects } from 'node:v8';
import type { KeyValueStoreBackend, StorageBackend } from '@kv/core';
import { createBackend as createFsBackend } from '@kv/fs';
import { createBackend as createMemoryBackend } from '@kv/memory';
import { describe, expect, it } from 'vitest';
import { createServer } from '../src/index.js';
import { serve, TOKEN } from './serve.js';
import type { TestServer } from './serve.js';

const MEBIBYTE = 1024 * 1024;

async function newStore(server: TestServer): Promise<string> {
  const { id } = await server.json('POST', '/v2/key-value-stores?name=connections');
  return `/v2/key-value-stores/${String(id)}`;
}

/** Opens a connection and sends what is given; its errors are those of a client that goes away. */
function open(server: TestServer, bytes: string): Socket {
  const { hostname, port } = new URL(server.url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => undefined);
  socket.write(bytes);
  return socket;
}

/** The head of a request with the token of the owner. */
function headOf(method: string, path: string, headers = ''): string {
  return `${method} ${path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${TOKEN}\r\n${headers}\r\n`;
}

/** Gives what has come when the connection is closed, in whatever way. */
async function received(socket: Socket): Promise<string> {
  let bytes = '';
  socket.on('data', (chunk) => (bytes += chunk.toString('latin1')));
  await new Promise((resolve) => void socket.once('close', resolve));
  return bytes;
}

/** Sends something that is no request, and reads what is answered. */
async function answerTo(server: TestServer, bytes: string): Promise<[status: number, body: unknown]> {
  const [head = '', body = ''] = (await received(open(server, bytes))).split('\r\n\r\n');
  return [Number(head.split(' ')[1]), JSON.parse(body)];
}

describe('a thousand clients that never finish their headers', () => {
  it('do not keep others waiting, and are answered when their time is over', async () => {
    await using server = await serve(undefined, { limits: { headersMillis: 3000 } });
    const store = await newStore(server);
    const sockets = Array.from({ length: 1000 }, () => open(server, 'GET / HTTP/1.1\r\nHost: loc'));
    const answers = sockets.map((socket) => received(socket));
    await Promise.all(sockets.map((socket) => once(socket, 'connect')));
    const others = Array.from({ length: 8 }, async (_, client) => {
      for (let n = 0; n < 20; n += 1) {
        const record = `${store}/records/${client}-${n}`;
        expect((await server.request(record, { method: 'PUT', body: 'x' })).status).toBe(201);
        expect(await (await server.request(record)).text()).toBe('x');
      }
    });
    await Promise.all(others);
    const lines = (await Promise.all(answers)).map((answer) => answer.split('\r\n')[0]);
    expect(new Set(lines)).toEqual(new Set(['HTTP/1.1 408 Request Timeout']));
    expect((await server.request('/health')).status).toBe(200);
  });
});

describe('connections', () => {
  it('of one address are limited', async () => {
    await using server = await serve(undefined, { limits: { connectionsPerAddress: 5 } });
    const sockets = Array.from({ length: 5 }, () => open(server, ''));
    await Promise.all(sockets.map((socket) => once(socket, 'connect')));
    const sixth = open(server, headOf('GET', '/health'));
    expect(await received(sixth)).toBe('');
    sockets.pop()?.destroy();
    await expect
      .poll(async () =>
        server.request('/health').then(
          ({ status }) => status,
          () => 0,
        ),
      )
      .toBe(200);
    for (const socket of sockets) socket.destroy();
  });

  it('are closed when they rest for too long', async () => {
    await using server = await serve(undefined, { limits: { idleMillis: 200 } });
    const socket = open(server, headOf('GET', '/health'));
    const [head = '', body] = (await received(socket)).split('\r\n\r\n');
    expect([head.split('\r\n')[0], body]).toEqual(['HTTP/1.1 200 OK', '{"status":"ok"}']);
    await using usual = await serve();
    const { headers } = await usual.request('/health');
    expect(headers.get('keep-alive')).toBe('timeout=75');
  });

  it('are closed when JSON does not end', async () => {
    await using server = await serve(undefined, { limits: { jsonMillis: 300 } });
    const store = await newStore(server);
    const socket = open(server, `${headOf('PUT', store, 'Content-Length: 1000\r\n')}{"title":`);
    const drip = setInterval(() => socket.write(' '), 20);
    const [head = '', body = ''] = (await received(socket)).split('\r\n\r\n');
    clearInterval(drip);
    expect(head).toMatch(/^HTTP\/1\.1 408 /);
    expect(JSON.parse(body)).toMatchObject({ error: { type: 'operation-timed-out' } });
    expect(await server.json('GET', store)).not.toHaveProperty('title');
  });

  it('get an error of the usual form when they speak no good HTTP', async () => {
    await using server = await serve();
    const long = 'x'.repeat(17_000);
    const tooLong = [431, { error: { type: 'invalid-header', message: expect.stringContaining('16 KiB') } }];
    expect(await answerTo(server, headOf('GET', `/health?${long}`))).toEqual(tooLong);
    expect(await answerTo(server, headOf('GET', '/health', `X-Long: ${long}\r\n`))).toEqual(tooLong);
    const many = Array.from({ length: 1000 }, (_, n) => `X-Many-${n}: ${n}\r\n`).join('');
    expect(await answerTo(server, headOf('GET', '/health', many))).toEqual(tooLong);
    const bad = [400, { error: { type: 'invalid-request', message: expect.any(String) } }];
    for (const request of ['nonsense\r\n\r\n', headOf('GET', '/health', 'A\0: b\r\n'), 'GET / HTTP/9\r\n\r\n']) {
      expect(await answerTo(server, request)).toEqual(bad);
    }
    expect(await answerTo(server, 'GET /health HTTP/1.1\r\nConnection: close\r\n\r\n')).toEqual(bad);
    const unmet = [417, { error: { type: 'invalid-header', message: expect.stringContaining('100-continue') } }];
    expect(await answerTo(server, headOf('GET', '/health', 'Connection: close\r\nExpect: more\r\n'))).toEqual(unmet);
    // Two lengths, or a length beside chunks, are how one request is hidden in another.
    for (const headers of [
      'Content-Length: 3\r\nContent-Length: 4\r\n',
      'Content-Length: 3\r\nTransfer-Encoding: chunked\r\n',
      'Transfer-Encoding: chunked, identity\r\n',
    ]) {
      expect(await answerTo(server, `${headOf('POST', '/v2/key-value-stores', headers)}0\r\n\r\n`)).toEqual(bad);
    }
  });

  it('are cut where an answer is being sent, and nothing is written into it', async () => {
    await using server = await serve();
    const store = await newStore(server);
    await server.request(`${store}/records/big`, { method: 'PUT', body: new Uint8Array(30 * MEBIBYTE) });
    const socket = open(server, headOf('GET', `${store}/records/big`, 'Accept-Encoding: identity\r\n'));
    await once(socket, 'readable');
    socket.write('GARBAGE\r\n\r\n');
    const answer = await received(socket);
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
    expect(answer).not.toContain('400 Bad Request');
    expect(answer.length).toBeLessThan(30 * MEBIBYTE);
  });

  it('take no coding of the transfer but chunks', async () => {
    await using server = await serve();
    const store = await newStore(server);
    const put = async (coding: string): Promise<string> => {
      const headers = `Transfer-Encoding: ${coding}\r\nConnection: close\r\n`;
      return received(open(server, `${headOf('PUT', `${store}/records/a`, headers)}1\r\nx\r\n0\r\n\r\n`));
    };
    for (const coding of ['gzip, chunked', 'identity, chunked', 'x-custom, chunked', 'chunked, chunked']) {
      const answer = await put(coding);
      expect([coding, answer]).toEqual([coding, expect.stringMatching(/^HTTP\/1\.1 400 [^]*"type":"invalid-request"/)]);
      expect([coding, answer]).toEqual([coding, expect.stringMatching(/^Connection: close\r$/m)]);
    }
    expect(await put('Chunked')).toMatch(/^HTTP\/1\.1 201 /);
  });

  it('get an error of the usual form when their chunks are none', async () => {
    await using server = await serve();
    const store = await newStore(server);
    const request = `${headOf('PUT', `${store}/records/a`, 'Transfer-Encoding: chunked\r\n')}nonsense\r\n`;
    expect(await answerTo(server, request)).toMatchObject([400, { error: { type: 'invalid-request' } }]);
  });

  it('are none of other addresses where everyone is the owner', async () => {
    await using backend = createMemoryBackend();
    const server = await createServer({ backend, allowAnonymous: true });
    await expect(server.listen({ host: '0.0.0.0' })).rejects.toThrow('loopback addresses only, not on 0.0.0.0');
  });
});

/** Counts what is read of the streams of records, by whatever method they are opened. */
function countReads(backend: StorageBackend): () => number {
  let count = 0;
  const counted = (stream: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> =>
    stream.pipeThrough(
      new TransformStream({
        transform: (chunk: Uint8Array, controller) => {
          count += chunk.byteLength;
          controller.enqueue(chunk);
        },
      }),
    );
  const openStore = backend.openKeyValueStore.bind(backend);
  backend.openKeyValueStore = async (...args) =>
    new Proxy(await openStore(...args), {
      get: (store, name) => {
        const member: unknown = Reflect.get(store, name, store);
        if (typeof member !== 'function') return member;
        return async (...given: unknown[]): Promise<unknown> => {
          const result: unknown = await Reflect.apply(member, store, given);
          if (typeof result !== 'object' || result === null) return result;
          const entries = Object.entries(result).map(([key, value]: [string, unknown]) => [
            key,
            value instanceof ReadableStream ? counted(value) : value,
          ]);
          return Object.fromEntries(entries);
        };
      },
    });
  return () => count;
}

function openFs(): StorageBackend {
  return createFsBackend({ dir: mkdtempSync(join(tmpdir(), 'kv-server-')) });
}

describe('clients that read slowly', () => {
  it('make the server read no more than they take and a few MiB', async () => {
    const backend = openFs();
    const readBytes = countReads(backend);
    await using server = await serve(backend);
    const store = await newStore(server);
    const size = 64 * MEBIBYTE;
    await server.request(`${store}/records/big`, { method: 'PUT', body: new Uint8Array(size) });
    const { hostname, port } = new URL(server.url);
    const agent = new Agent();
    const request = httpRequest({
      hostname,
      port,
      path: `${store}/records/big`,
      headers: { authorization: `Bearer ${TOKEN}` },
      agent,
    });
    request.end();
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    // Nothing is read here: what the server reads goes into buffers, those of the kernel on both sides included.
    const settled = await settle(readBytes);
    let length = 0;
    for await (const chunk of response as AsyncIterable<Buffer>) length += chunk.length;
    expect(settled).toBeGreaterThan(0);
    expect(settled).toBeLessThan(8 * MEBIBYTE);
    expect(length).toBe(size);
    agent.destroy();
  });
});

/** Waits until a number does not grow any more. */
async function settle(count: () => number): Promise<number> {
  for (let before = -1, same = 0; same < 5; before = count()) {
    await delay(100);
    same = count() === before ? same + 1 : 0;
  }
  return count();
}

describe('ten thousand uploads that are given up', () => {
  it('leave nothing behind', { timeout: 300_000 }, async () => {
    await using server = await serve(openFs());
    const store = await newStore(server);
    await server.request(`${store}/records/kept`, { method: 'PUT', body: 'kept' });
    const total = 10_000;
    const filesBefore = filesOf(server);
    let started = 0;
    const client = async (): Promise<void> => {
      while (started < total) {
        started += 1;
        // Some end within the headers, some within a small body that is read whole, and some within one that is streamed.
        const length = [1000, 1_000_000][started % 2] ?? 0;
        const socket = open(
          server,
          headOf('PUT', `${store}/records/r${started % 50}`, `Content-Length: ${length}\r\n`),
        );
        await new Promise<void>((resolve) => void socket.write('x'.repeat(500), () => resolve()));
        if (started % 10 === 0) await delay(2);
        const closed = once(socket, 'close');
        socket.destroy();
        await closed;
      }
    };
    await Promise.all(Array.from({ length: 32 }, client));
    await expect.poll(() => server.inFlight(), { timeout: 30_000 }).toBe(0);
    await expect.poll(() => filesOf(server), { timeout: 30_000 }).toEqual(filesBefore);
    expect(await server.json('GET', `${store}/keys`)).toMatchObject({ count: 1 });
    expect(await (await server.request(`${store}/records/kept`)).text()).toBe('kept');
  });
});

/** All files of the place, those of uploads that are not complete too. */
function filesOf({ backend }: TestServer): string[] {
  const files = readdirSync(backend.location, { recursive: true, withFileTypes: true });
  return files
    .filter((file) => file.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .toSorted();
}

describe('requests that are over', () => {
  it('are not kept while another one of their connection is being answered', async () => {
    const backend = createMemoryBackend();
    await using server = await serve(backend);
    const path = await newStore(server);
    using slow = slowRecords(await backend.openKeyValueStore({ id: path.split('/').at(-1) ?? '' }));
    await server.request(`${path}/records/slow`, { method: 'PUT', body: 'x' });
    const before = queryObjects(ServerResponse, { format: 'count' });
    const slowly = headOf('GET', `${path}/records/slow`);
    const socket = open(server, slowly + headOf('GET', '/health').repeat(50) + slowly);
    let text = '';
    socket.on('data', (chunk) => (text += chunk.toString('latin1')));
    const answers = (): number => text.split('HTTP/1.1 200').length - 1;
    await expect.poll(() => slow.ends.length).toBe(2);
    slow.ends[0]?.();
    await expect.poll(answers).toBeGreaterThan(50);
    socket.write(headOf('GET', '/health'));
    await expect.poll(() => queryObjects(ServerResponse, { format: 'count' }) - before).toBeLessThan(10);
    slow.ends[1]?.();
    await expect.poll(answers).toBe(53);
    socket.destroy();
  });

  it('are not kept when their connection is over, though they had a body', async () => {
    await using server = await serve();
    const store = await newStore(server);
    const before = queryObjects(IncomingMessage, { format: 'count' });
    for (let count = 0; count < 50; count += 1) {
      const head = headOf('PUT', `${store}/records/a`, 'Content-Length: 1\r\nConnection: close\r\n');
      expect(await received(open(server, `${head}x`))).toContain('HTTP/1.1 201');
    }
    await expect.poll(() => queryObjects(IncomingMessage, { format: 'count' }) - before).toBeLessThan(10);
  });
});

/** Reads of records that wait. */
interface SlowRecords extends Disposable {
  /** What ends the waiting of each. */
  readonly ends: readonly (() => void)[];
}

function slowRecords(store: KeyValueStoreBackend): SlowRecords {
  const ends: (() => void)[] = [];
  const prototype = Object.getPrototypeOf(store) as KeyValueStoreBackend;
  const getRecordBody = Reflect.get(prototype, 'getRecordBody');
  const slowly = async function slowly(this: KeyValueStoreBackend, key: string): Promise<unknown> {
    const record = await getRecordBody.call(this, key);
    const { promise, resolve } = Promise.withResolvers<void>();
    ends.push(resolve);
    const pull = async (controller: ReadableStreamDefaultController): Promise<void> => {
      await promise;
      controller.enqueue(record?.value);
      controller.close();
    };
    return record && { ...record, value: new ReadableStream({ pull }, { highWaterMark: 0 }) };
  };
  Object.assign(prototype, { getRecordBody: slowly });
  return {
    ends,
    [Symbol.dispose]: () => {
      Object.assign(prototype, { getRecordBody });
      for (const end of ends) end();
    },
  };
}
