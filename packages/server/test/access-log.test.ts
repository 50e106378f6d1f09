import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import type { StorageBackend } from '@kv/core';
import { createBackend } from '@kv/memory';
import { describe, expect, it, vi } from 'vitest';
import { createServer } from '../src/index.js';
import type { AccessLogEntry, ServerOptions } from '../src/index.js';
import { TOKEN } from './serve.js';

const CHUNK = new Uint8Array(100_000).fill(97);

interface LoggedServer extends AsyncDisposable {
  readonly url: string;
  readonly entries: AccessLogEntry[];
  readonly errors: unknown[];
  /** Sends bytes, and gives what is answered until the connection ends. */
  readonly send: (bytes: string) => Promise<string>;
  readonly metrics: () => Promise<string>;
}

async function serveLogged(
  backend: StorageBackend = createBackend(),
  limits: ServerOptions['limits'] = {},
): Promise<LoggedServer> {
  const entries: AccessLogEntry[] = [];
  const errors: unknown[] = [];
  const server = await createServer({
    backend,
    token: TOKEN,
    limits,
    onRequest: (entry) => void entries.push(entry),
    onError: (error) => void errors.push(error),
  });
  const { url, close } = await server.listen();
  const { hostname, port } = new URL(url);
  return {
    url,
    entries,
    errors,
    send: async (bytes) => {
      const socket = connect(Number(port), hostname).on('error', () => undefined);
      socket.write(bytes);
      return text(socket).catch(() => 'cut');
    },
    metrics: async () => (await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${TOKEN}` } })).text(),
    [Symbol.asyncDispose]: async () => {
      await close();
      await backend.close();
    },
  };
}

/** A backend whose records fail when half of them is read. */
function failing(): StorageBackend {
  const backend = createBackend();
  const openStore = backend.openKeyValueStore.bind(backend);
  backend.openKeyValueStore = async (...args) => {
    const store = await openStore(...args);
    const getBody = store.getRecordBody.bind(store);
    const getStream = store.getRecordStream.bind(store);
    store.getRecordBody = async (key, ...rest) => {
      const record = await getBody(key, ...rest);
      return key === 'bad' && record ? { ...record, size: 1_000_000, value: halfStream() } : record;
    };
    store.getRecordStream = async (key, ...rest) => {
      const record = await getStream(key, ...rest);
      return key === 'bad' && record ? { ...record, size: 1_000_000, stream: halfStream() } : record;
    };
    return store;
  };
  return backend;
}

function halfStream(): ReadableStream<Uint8Array> {
  let count = 0;
  return new ReadableStream({
    pull: (controller) => {
      count += 1;
      if (count <= 5) controller.enqueue(CHUNK.slice());
      else controller.error(new Error('the disk has failed'));
    },
  });
}

async function newStore({ url }: LoggedServer, key: string, body: string | Uint8Array<ArrayBuffer>): Promise<string> {
  const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'text/plain' };
  const response = await fetch(`${url}/v2/key-value-stores?name=logged`, { method: 'POST', headers, body: '{}' });
  const { data } = (await response.json()) as { data: { id: string } };
  const path = `/v2/key-value-stores/${data.id}`;
  await fetch(`${url}${path}/records/${key}`, { method: 'PUT', headers, body });
  return path;
}

describe('requests that are refused before they come to a route', () => {
  const secret = 'kv_very-secret';
  const hidden = `token=${secret}&signature=${secret}`;
  const host = 'Host: localhost\r\nUser-Agent: tester\r\nConnection: close\r\n';
  it.each([
    { what: 'dots', bytes: `GET /v2/../x?${hidden} HTTP/1.1\r\n${host}\r\n`, line: ['GET', '/v2/../x', 400] },
    {
      what: 'dots and coded marks',
      bytes: `GET /../x%3F${hidden} HTTP/1.1\r\n${host}\r\n`,
      line: ['GET', '/../x', 400],
    },
    { what: 'no host', bytes: `GET /a?${hidden} HTTP/1.1\r\nConnection: close\r\n\r\n`, line: ['GET', '/a', 400] },
    {
      what: 'an expectation',
      bytes: `PUT /a?${hidden} HTTP/1.1\r\n${host}Expect: more\r\nAuthorization: Bearer ${secret}\r\n\r\n`,
      line: ['PUT', '/a', 417],
    },
    {
      what: 'a foreign host',
      bytes: `GET /a?${hidden} HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n`,
      line: ['GET', '/a', 421],
    },
    {
      what: 'a host that is none',
      bytes: `GET http://${secret}:${secret}@localhost:port/a?${hidden} HTTP/1.1\r\n${host}\r\n`,
      line: ['GET', '', 400],
    },
    {
      what: 'a target that is no URL',
      bytes: `GET http://localhost:99999999/a?${hidden} HTTP/1.1\r\n${host}\r\n`,
      line: ['GET', '', 400],
    },
    {
      what: 'a target that is no path',
      bytes: `GET ${secret}?${hidden} HTTP/1.1\r\n${host}\r\n`,
      line: ['', '', 400],
    },
    { what: 'no HTTP', bytes: `${secret} ${hidden}\r\n\r\n`, line: ['', '', 400] },
    {
      what: 'long headers',
      bytes: `GET /a?${hidden} HTTP/1.1\r\n${host}X: ${secret.repeat(2000)}\r\n\r\n`,
      line: ['', '', 431],
    },
  ])(
    'are in the log and the metrics without what they carry: $what',
    async ({ bytes, line: [method, path, status] }) => {
      await using server = await serveLogged();
      expect(await server.send(bytes)).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
      const { entries } = server;
      expect(entries).toMatchObject([{ method, path, status, time: expect.stringMatching(/Z$/), user: undefined }]);
      expect(JSON.stringify(entries)).not.toContain(secret);
      const metrics = await server.metrics();
      const label = `method="${method === '' ? 'none' : method}",route="none",status="${status}"`;
      expect(metrics).toContain(`kv_server_requests_total{${label}} 1`);
      expect(metrics).not.toContain(secret);
    },
  );

  it('are in the log when their headers do not end', async () => {
    await using server = await serveLogged(undefined, { headersMillis: 100 });
    expect(await server.send(`GET /?${hidden} HTTP/1.1\r\nHost: loc`)).toMatch(/^HTTP\/1.1 408 /);
    expect(server.entries).toMatchObject([{ method: '', path: '', status: 408 }]);
  });

  it('are in the log once when their body is no body', async () => {
    await using server = await serveLogged();
    const path = await newStore(server, 'a', 'a');
    const count = server.entries.length;
    const head = `PUT ${path}/records/a HTTP/1.1\r\n${host}Authorization: Bearer ${TOKEN}\r\n`;
    expect(await server.send(`${head}Transfer-Encoding: chunked\r\n\r\nnonsense\r\n`)).toMatch(/^HTTP\/1.1 400 /);
    await expect.poll(() => server.entries.slice(count)).toMatchObject([{ method: 'PUT', status: 400, user: 'admin' }]);
  });
});

describe('answers that break off', () => {
  it.each([
    { what: 'a record', tail: '/records/bad', headers: { 'accept-encoding': 'identity' } },
    { what: 'a coded record', tail: '/records/bad', headers: { 'accept-encoding': 'gzip' } },
    { what: 'a range', tail: '/records/bad', headers: { range: 'bytes=1-900000' } },
    { what: 'an archive', tail: '/records', headers: {} },
  ])('because reading fails are told to the log: $what', async ({ tail, headers }) => {
    const onConsole = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    await using server = await serveLogged(failing());
    const path = await newStore(server, 'bad', 'x'.repeat(2000));
    const init = { headers: { ...headers, authorization: `Bearer ${TOKEN}` } };
    const reading = fetch(`${server.url}${path}${tail}`, init).then(async (response) => response.arrayBuffer());
    await expect(reading).rejects.toThrow(/terminated|fetch failed/);
    await expect.poll(() => server.entries.at(-1)).toMatchObject({ path: path + tail, isCut: true });
    expect(server.errors.map(String)).toEqual(['Error: the disk has failed']);
    expect(onConsole).not.toHaveBeenCalled();
    onConsole.mockRestore();
  });

  it('because the client leaves are told to the log, and are no failure', async () => {
    await using server = await serveLogged();
    const path = await newStore(server, 'big', new Uint8Array(30_000_000));
    const { hostname, port } = new URL(server.url);
    const socket = connect(Number(port), hostname);
    socket.write(`GET ${path}/records HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${TOKEN}\r\n\r\n`);
    await once(socket, 'readable');
    socket.destroy();
    await expect.poll(() => server.entries.at(-1)).toMatchObject({ path: `${path}/records`, status: 200, isCut: true });
    expect(server.errors).toEqual([]);
  });

  it('are none of those that are read to the end', async () => {
    await using server = await serveLogged();
    const path = await newStore(server, 'big', new Uint8Array(3_000_000));
    const init = { headers: { authorization: `Bearer ${TOKEN}` } };
    expect((await (await fetch(`${server.url}${path}/records`, init)).arrayBuffer()).byteLength).toBeGreaterThan(3e6);
    await expect.poll(() => server.entries.at(-1)).toMatchObject({ path: `${path}/records`, status: 200 });
    expect(server.entries.at(-1)).not.toHaveProperty('isCut');
  });
});
