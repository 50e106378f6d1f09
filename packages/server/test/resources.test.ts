import { brotliCompressSync, constants, createBrotliCompress, deflateSync, gzipSync } from 'node:zlib';
import { request as httpRequest } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { readdirSync, readlinkSync } from 'node:fs';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createServer } from '../src/index.js';
import { backends, serve, TOKEN } from './serve.js';
import type { TestServer } from './serve.js';

const MEBIBYTE = 1024 * 1024;

async function newStore(server: TestServer): Promise<string> {
  const { id } = await server.json('POST', '/v2/key-value-stores?name=resources');
  return `/v2/key-value-stores/${String(id)}`;
}

/** 256 MiB of zeros in a few hundred bytes. */
async function bomb(): Promise<Buffer<ArrayBuffer>> {
  const zeros = Buffer.alloc(MEBIBYTE);
  const compressor = createBrotliCompress({ params: { [constants.BROTLI_PARAM_QUALITY]: 1 } });
  const chunks = Readable.from(
    (function* repeat() {
      for (let n = 0; n < 256; n += 1) yield zeros;
    })(),
  );
  return Buffer.from(await buffer(chunks.pipe(compressor)));
}

describe.each(backends)('resources on $name', ({ name, open }) => {
  it('take bodies in every encoding, and refuse the others', async () => {
    await using server = await serve(open());
    const store = await newStore(server);
    const value = 'žluťoučký kůň '.repeat(10_000);
    const bodies = {
      br: brotliCompressSync(value),
      gzip: gzipSync(value),
      'x-gzip': gzipSync(value),
      deflate: deflateSync(value),
      identity: value,
    };
    for (const [encoding, body] of Object.entries(bodies)) {
      const put = await server.request(`${store}/records/a`, {
        method: 'PUT',
        body: body as never,
        headers: { 'content-encoding': encoding },
      });
      expect(put.status).toBe(201);
      for (const accept of ['identity', 'gzip', 'br', '']) {
        const got = await server.request(`${store}/records/a`, { headers: { 'accept-encoding': accept } });
        expect(await got.text()).toBe(value);
      }
      await server.request(`${store}/records/a`, { method: 'DELETE' });
    }
    for (const encoding of ['compress', 'br, gzip', 'gzip,gzip', 'zstd', 'none', 'constructor']) {
      const put = await server.request(`${store}/records/a`, {
        method: 'PUT',
        body: 'x',
        headers: { 'content-encoding': encoding },
      });
      expect([encoding, put.status, await put.json()]).toMatchObject([
        encoding,
        415,
        { error: { type: 'unsupported-content-encoding' } },
      ]);
    }
    for (const body of ['not compressed', gzipSync('x'.repeat(9000)).subarray(0, 20)]) {
      const put = await server.request(`${store}/records/a`, {
        method: 'PUT',
        body: body as never,
        headers: { 'content-encoding': 'gzip' },
      });
      expect([put.status, await put.json()]).toMatchObject([400, { error: { type: 'invalid-request' } }]);
    }
    expect(await server.json('GET', `${store}/keys`)).toMatchObject({ count: 0 });
  });

  it('are not used up by bodies that swell', async () => {
    await using server = await serve(open(), { limits: { recordBytes: 32 * MEBIBYTE } });
    const store = await newStore(server);
    const body = await bomb();
    expect(body.length).toBeLessThan(MEBIBYTE);
    const headers = { 'content-encoding': 'br', 'content-type': 'application/json' };
    const before = process.memoryUsage().rss;
    let peak = before;
    const watch = setInterval(() => (peak = Math.max(peak, process.memoryUsage().rss)), 5);
    for (const [method, path] of [
      ['PUT', store],
      ['POST', '/v2/key-value-stores?name=x'],
      ['PUT', `${store}/records/a`],
    ] as const) {
      const response = await server.request(path, { method, body, headers });
      expect([path, response.status, await response.json()]).toMatchObject([
        path,
        413,
        { error: { type: 'request-too-large' } },
      ]);
    }
    clearInterval(watch);
    // The record lies in the memory of one of the backends until it is too large.
    expect(peak - before).toBeLessThan((name === 'memory' ? 160 : 64) * MEBIBYTE);
    expect(await server.json('GET', `${store}/keys`)).toMatchObject({ count: 0 });
  });

  it('are limited in size, with and without a stated length', async () => {
    await using server = await serve(open(), { limits: { recordBytes: 100_000, jsonBytes: 1000 } });
    const store = await newStore(server);
    const put = async (size: number, isStream: boolean): Promise<number> => {
      const bytes = new Uint8Array(size);
      const body = isStream ? new Blob([bytes]).stream() : bytes;
      return (await server.request(`${store}/records/a`, { method: 'PUT', body, duplex: 'half' })).status;
    };
    for (const isStream of [false, true]) {
      expect(await put(100_000, isStream)).toBe(201);
      expect(await put(100_001, isStream)).toBe(413);
    }
    const update = await server.request(store, { method: 'PUT', body: JSON.stringify({ title: 'x'.repeat(1000) }) });
    expect(update.status).toBe(413);
    expect((await server.request('/health')).status).toBe(200);
  });

  it('do not overflow on deep JSON', async () => {
    await using server = await serve(open());
    const store = await newStore(server);
    const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
    expect((await server.request(store, { method: 'PUT', body: deep })).status).toBe(400);
    expect((await server.request(store, { method: 'PUT', body: `{"title":${deep}}` })).status).toBe(400);
    const nested = (levels: number): string => `{"unknown":${'['.repeat(levels - 1)}${']'.repeat(levels - 1)}}`;
    expect((await server.request(store, { method: 'PUT', body: nested(200) })).status).toBe(200);
    const brackets = JSON.stringify({ title: '[{"\\'.repeat(300) });
    expect((await server.request(store, { method: 'PUT', body: brackets })).status).toBe(200);
    for (const body of [nested(201), `{"unknown":${deep}}`]) {
      const response = await server.request(store, { method: 'PUT', body });
      expect([response.status, await response.json()]).toMatchObject([400, { error: { type: 'invalid-request' } }]);
    }
    for (const body of ['[]', '1', 'null', '"x"', '{', '{"name":1}', '{"title":{}}', '{"generalAccess":"PUBLIC"}']) {
      expect([body, (await server.request(store, { method: 'PUT', body })).status]).toEqual([body, 400]);
    }
    expect((await server.request(store, { method: 'PUT', body: '' })).status).toBe(200);
    expect((await server.request(store, { method: 'PUT', body: '{"unknown":1}' })).status).toBe(200);
  });

  it('do not overflow on deep schemas, nor on deep records of a store with one', async () => {
    await using server = await serve(open());
    const collection = (jsonSchema: object): object => ({
      actorKeyValueStoreSchemaVersion: 1,
      title: 'S',
      collections: { a: { title: 'A', key: 'a', contentTypes: ['application/json'], jsonSchema } },
    });
    const create = async (storeName: string, body: string): Promise<Response> =>
      server.request(`/v2/key-value-stores?name=${storeName}`, { method: 'POST', body });
    const deepSchema = JSON.stringify({ schema: collection({ items: 'HERE' }) }).replace(
      '"HERE"',
      `${'{"items":'.repeat(50_000)}{}${'}'.repeat(50_000)}`,
    );
    expect((await create('deep', deepSchema)).status).toBe(400);
    const recursive = collection({ $id: 'https://x.example/s', items: { $ref: '#' } });
    const created = await create('recursive', JSON.stringify({ schema: recursive }));
    const { data } = (await created.json()) as { data: { id: string } };
    const status = async (levels: number): Promise<number> => {
      const body = '['.repeat(levels) + ']'.repeat(levels);
      const headers = { 'content-type': 'application/json' };
      const path = `/v2/key-value-stores/${data.id}/records/a`;
      return (await server.request(path, { method: 'PUT', body, headers })).status;
    };
    expect([await status(200), await status(201), await status(50_000)]).toEqual([201, 400, 400]);
    const { items } = await server.json('GET', '/v2/key-value-stores');
    expect(items).toMatchObject([{ name: 'recursive' }]);
  });

  it('hold large records in constant memory', async () => {
    await using server = await serve(open());
    if (server.backend.name === 'memory') return expect(server.backend.capabilities.persistent).toBe(false);
    const store = await newStore(server);
    const size = 200 * MEBIBYTE;
    const chunk = new Uint8Array(MEBIBYTE).fill(7);
    const body = ReadableStream.from(
      (function* chunks() {
        for (let sent = 0; sent < size; sent += chunk.length) yield chunk;
      })(),
    );
    const before = process.memoryUsage().rss;
    let peak = before;
    const watch = setInterval(() => (peak = Math.max(peak, process.memoryUsage().rss)), 5);
    expect((await server.request(`${store}/records/big`, { method: 'PUT', body, duplex: 'half' })).status).toBe(201);
    let received = 0;
    for await (const part of (await server.request(`${store}/records/big`)).body!) received += part.length;
    clearInterval(watch);
    expect(received).toBe(size);
    expect((peak - before) / MEBIBYTE).toBeLessThan(150);
  });

  it('are freed by clients that give up an archive', async () => {
    await using server = await serve(open());
    const store = await newStore(server);
    for (const key of ['big-1', 'big-2']) {
      await server.request(`${store}/records/${key}`, { method: 'PUT', body: new Uint8Array(20 * MEBIBYTE) });
    }
    const { hostname, port } = new URL(server.url);
    for (let n = 0; n < 20; n += 1) {
      const socket = connect(Number(port), hostname);
      socket.write(`GET ${store}/records HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${TOKEN}\r\n\r\n`);
      await once(socket, 'data');
      socket.destroy();
    }
    await expect.poll(() => openFiles(server), { timeout: 20_000 }).toEqual([]);
  });

  it.each([0, 1, 3, 6])('are freed by an archive that is canceled without a socket, after %d chunks', async (count) => {
    await using server = await serve(open());
    const store = await newStore(server);
    for (const key of ['big-1', 'big-2']) {
      await server.request(`${store}/records/${key}`, { method: 'PUT', body: new Uint8Array(20 * MEBIBYTE) });
    }
    const { fetch: answer } = await createServer({ backend: server.backend, token: TOKEN });
    const { body } = await answer(new Request(`http://localhost${store}/records?token=${TOKEN}`));
    const reader = body!.getReader();
    for (let n = 0; n < count; n += 1) expect((await reader.read()).done).toBe(false);
    if (name === 'fs' && count > 3) expect(openFiles(server)).toHaveLength(1);
    await reader.cancel();
    await expect.poll(() => openFiles(server)).toEqual([]);
  });

  it('are freed by clients that go away', async () => {
    await using server = await serve(open());
    const store = await newStore(server);
    await server.request(`${store}/records/big`, { method: 'PUT', body: new Uint8Array(20 * MEBIBYTE) });
    const { hostname, port } = new URL(server.url);
    for (let n = 0; n < 30; n += 1) {
      const socket = connect(Number(port), hostname);
      const head = n % 2 === 0 ? `GET ${store}/records/big` : `PUT ${store}/records/new`;
      socket.write(
        `${head} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${TOKEN}\r\nContent-Length: 1000000\r\n\r\nabc`,
      );
      await delay(5);
      socket.destroy();
    }
    await expect.poll(() => openFiles(server), { timeout: 20_000 }).toEqual([]);
    expect(await server.json('GET', `${store}/keys`)).toMatchObject({ count: 1 });
    expect((await server.request(`${store}/records/big`)).status).toBe(200);
  });
});

/** What lies about of uploads and downloads that are over. */
function openFiles({ backend }: TestServer): string[] {
  if (backend.name !== 'fs') return [];
  const temporary = readdirSync(backend.location, { recursive: true, encoding: 'utf8' }).filter((path) =>
    /tmp.+/.test(path),
  );
  const open = readdirSync('/proc/self/fd').filter((fd) => linkOf(fd).startsWith(backend.location));
  return [...temporary, ...open];
}

function linkOf(fd: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return '';
  }
}

describe('connections', () => {
  it('of clients that send their body too slowly are ended, those of others are not', async () => {
    await using server = await serve(undefined, { limits: { uploadBytes: 1000, uploadWindowMillis: 200 } });
    const store = await newStore(server);
    const { hostname, port } = new URL(server.url);
    const slow = connect(Number(port), hostname);
    slow.write(
      `PUT ${store}/records/slow HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${TOKEN}\r\nContent-Length: 1000000\r\n\r\n`,
    );
    const drip = setInterval(() => slow.write('x'), 20);
    // It may end by an error; `once` would reject then.
    slow.on('error', () => undefined);
    await new Promise((resolve) => slow.once('close', resolve));
    clearInterval(drip);
    expect((await server.request(`${store}/records/slow`)).status).toBe(404);
    expect((await server.request('/health')).status).toBe(200);
  });

  it('are answered before the body has come when it will be too large', async () => {
    await using server = await serve(undefined, { limits: { recordBytes: 1000 } });
    const store = await newStore(server);
    const { hostname, port } = new URL(server.url);
    const request = httpRequest({
      hostname,
      port,
      method: 'PUT',
      path: `${store}/records/a`,
      headers: { authorization: `Bearer ${TOKEN}`, 'content-length': 1_000_000_000 },
    });
    request.on('error', () => undefined);
    request.write('x');
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    expect(response.statusCode).toBe(413);
    expect(JSON.parse(await text(response))).toMatchObject({ error: { type: 'request-too-large' } });
    request.destroy();
  });

  it('wait for an answer when the server stops, and get it', async () => {
    const server = await serve();
    const store = await newStore(server);
    const { hostname, port } = new URL(server.url);
    const idle = connect(Number(port), hostname);
    await once(idle, 'connect');
    const request = httpRequest({
      hostname,
      port,
      method: 'PUT',
      path: `${store}/records/late`,
      headers: { authorization: `Bearer ${TOKEN}` },
    });
    request.write('first ');
    await expect.poll(() => server.inFlight()).toBe(1);
    const { backend } = server;
    const stopped = server.stop();
    await delay(50);
    request.end('last');
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    expect(response.statusCode).toBe(201);
    await stopped;
    const info = await backend.findKeyValueStore({ name: 'resources' });
    const record = await (await backend.openKeyValueStore({ id: info!.id })).getRecord('late');
    expect(Buffer.from(record!.value).toString()).toBe('first last');
    await expect(fetch(server.url)).rejects.toThrow('fetch failed');
    await server[Symbol.asyncDispose]();
  });
});

describe('the host', () => {
  it('must be one of this machine where the server listens on loopback', async () => {
    await using server = await serve(undefined, { allowAnonymous: true, publicUrl: 'https://storage.example.com' });
    const { hostname, port } = new URL(server.url);
    const status = async (host: string, origin = ''): Promise<number | undefined> => {
      const path = `${origin}/v2/key-value-stores`;
      const request = httpRequest({ hostname, port, path, headers: { host } });
      request.end();
      const [response] = (await once(request, 'response')) as [IncomingMessage];
      await text(response);
      return response.statusCode;
    };
    for (const host of [
      'localhost',
      `localhost:${port}`,
      '127.0.0.1',
      `127.0.0.1:${port}`,
      '[::1]',
      'LOCALHOST',
      'storage.example.com',
    ]) {
      expect([host, await status(host)]).toEqual([host, 200]);
      expect([host, await status('evil.example', `http://${host}`)]).toEqual([host, 200]);
    }
    for (const host of [
      'evil.example',
      `evil.example:${port}`,
      'localhost.evil.example',
      '127.0.0.1.evil.example',
      '127.evil.example',
    ]) {
      expect([host, await status(host)]).toEqual([host, 421]);
      expect([host, await status('localhost', `http://${host}`)]).toEqual([host, 421]);
    }
  });

  it('stands in links unless the server has a public URL', async () => {
    await using server = await serve();
    const own = await server.json('POST', '/v2/key-value-stores?name=links');
    expect(own['keysPublicUrl']).toMatch(new RegExp(`^${server.url}/v2/`));
    await using other = await serve(server.backend, { publicUrl: 'https://storage.example.com/base/' });
    const named = await other.json('POST', '/v2/key-value-stores?name=links');
    expect(named['keysPublicUrl']).toMatch(/^https:\/\/storage\.example\.com\/base\/v2\/key-value-stores\//);
  });
});

describe('rates', () => {
  afterEach(() => void vi.useRealTimers());

  it('are limited as at Apify when they are on', async () => {
    // All within one second.
    vi.useFakeTimers({ toFake: ['Date'] });
    await using server = await serve(undefined, { limits: { rates: true } });
    const store = await newStore(server);
    const first = await server.request(store);
    expect(first.headers.get('x-ratelimit-limit')).toBe('60');
    const responses = await Promise.all(Array.from({ length: 200 }, () => server.request(store)));
    const refused = responses.filter(({ status }) => status === 429);
    expect(refused).toHaveLength(141);
    expect(refused[0]!.headers.get('retry-after')).toBe('1');
    expect(await refused[0]!.json()).toEqual({
      error: { type: 'rate-limit-exceeded', message: 'You have exceeded the rate limit of 60 requests per second' },
    });
    const record = await server.request(`${store}/records/a`);
    expect([record.status, record.headers.get('x-ratelimit-limit')]).toEqual([404, '200']);
  });

  it('are limited by asker where a request is refused', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    await using server = await serve(undefined, { limits: { rates: true } });
    const store = await newStore(server);
    const { token: stranger } = await server.addUser('stranger');
    const { token: reader } = await server.addUser('reader', { scope: 'read' });
    const statuses = async (path: string, init: Parameters<TestServer['request']>[1]): Promise<string[]> => {
      const responses = await Promise.all(Array.from({ length: 100 }, async () => server.request(path, init)));
      return responses.map(({ status }) => String(status)).toSorted();
    };
    const of = (status: string): string[] => [...Array(60).fill(status), ...Array(40).fill('429')];
    expect(await statuses(store, { token: 'kv_guessed' })).toEqual(of('401'));
    expect(await statuses('/v2/key-value-stores/~nothing', { token: stranger })).toEqual(of('404'));
    expect(await statuses('/v2/key-value-stores?name=new', { token: reader, method: 'POST' })).toEqual(of('403'));
    // All of one address have used it up, but for a valid token.
    expect((await server.request(store, { token: null })).status).toBe(429);
    expect((await server.request(store)).status).toBe(200);
  });

  it('are limited by address where there is no token and no store', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    await using server = await serve(undefined, { limits: { rates: true } });
    const statusFrom = async (localAddress: string): Promise<number | undefined> => {
      const request = httpRequest(server.url, { localAddress }).end();
      const [response] = (await once(request, 'response')) as [IncomingMessage];
      await text(response);
      return response.statusCode;
    };
    const statuses = await Promise.all(Array.from({ length: 61 }, async () => statusFrom('127.0.0.2')));
    expect(statuses.filter((status) => status === 429)).toHaveLength(1);
    expect(await statusFrom('127.0.0.3')).toBe(200);
  });

  it('are not limited otherwise', async () => {
    await using server = await serve();
    const store = await newStore(server);
    const responses = await Promise.all(Array.from({ length: 200 }, () => server.request(store)));
    expect(responses.every(({ status }) => status === 200)).toBe(true);
    expect(responses[0]!.headers.has('x-ratelimit-limit')).toBe(false);
  });
});

describe('what is told of requests', () => {
  it('has no tokens and no signatures', async () => {
    const entries: object[] = [];
    const errors: unknown[] = [];
    await using server = await serve(undefined, {
      onRequest: (entry) => void entries.push(entry),
      onError: (error) => void errors.push(error),
    });
    const store = await newStore(server);
    const { token: secret } = await server.addToken({ scope: 'write' });
    await server.request(`${store}/records/a?signature=very-secret&token=${secret}`, { token: null });
    await server.request(`${store}/records/a?token=kv_wrong-secret`, { token: null });
    await server.request(`${store}/records/a`, { headers: { referer: `http://x/?token=${secret}` } });
    const metrics = await (await server.request('/metrics')).text();
    const told = JSON.stringify([entries, errors.map(String)]) + metrics;
    for (const hidden of [secret, TOKEN, 'very-secret', 'wrong-secret']) expect(told).not.toContain(hidden);
    expect(entries[0]).toEqual({
      time: expect.stringMatching(/Z$/),
      method: 'POST',
      path: '/v2/key-value-stores',
      status: 201,
      durationMillis: expect.any(Number),
      user: 'admin',
      userAgent: expect.any(String),
    });
    expect(metrics).toContain(
      'kv_server_requests_total{method="GET",route="/v2/key-value-stores/:storeId/records/:key",status="401"} 1',
    );
    // What Prometheus wants to know of any process.
    for (const name of ['process_resident_memory_bytes', 'nodejs_eventloop_lag_seconds'])
      expect(metrics).toContain(name);
    expect((await server.request('/metrics', { token: null })).status).toBe(401);
  });
});

describe('failures inside', () => {
  it('are none of clients that give up a small body', async () => {
    const entries: { readonly method: string; readonly status: number }[] = [];
    const errors: unknown[] = [];
    await using server = await serve(undefined, {
      onRequest: (entry) => void entries.push(entry),
      onError: (error) => void errors.push(error),
    });
    const store = await newStore(server);
    const { hostname, port } = new URL(server.url);
    for (const head of [`PUT ${store}/records/a`, 'POST /v2/key-value-stores']) {
      const socket = connect(Number(port), hostname);
      socket.write(
        `${head} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${TOKEN}\r\nContent-Length: 10\r\n\r\nabcde`,
      );
      await expect.poll(() => server.inFlight()).toBe(1);
      socket.destroy();
      await expect.poll(() => server.inFlight()).toBe(0);
    }
    expect(entries.map(({ status }) => status)).toEqual([201, 400, 400]);
    expect(errors).toEqual([]);
  });

  it('are told to the log and not to the client', async () => {
    const errors: unknown[] = [];
    const [, fs] = backends;
    await using server = await serve(fs!.open(), { onError: (error) => void errors.push(error) });
    const store = await newStore(server);
    const info = await server.backend.findKeyValueStore({ name: 'resources' });
    const handle = await server.backend.openKeyValueStore({ id: info!.id });
    handle.listKeys = () => Promise.reject(new Error(`secret path ${server.backend.location}`));
    const response = await server.request(`${store}/keys`);
    const body = await response.text();
    expect([response.status, JSON.parse(body)]).toMatchObject([500, { error: { type: 'internal-server-error' } }]);
    expect(body).not.toContain(server.backend.location);
    expect(String(errors[0])).toContain('secret path');
  });
});
