import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createBackend as createMemoryBackend } from '@kv/memory';
import { describe, expect, it } from 'vitest';
import { backends, serve } from './serve.js';
import type { TestServer } from './serve.js';

async function storeUrl(server: TestServer, name = 'records'): Promise<string> {
  const { id } = await server.json('POST', `/v2/key-value-stores?name=${name}`);
  return `/v2/key-value-stores/${String(id)}`;
}

async function put(
  server: TestServer,
  url: string,
  body: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = {},
): Promise<Response> {
  return server.request(url, { method: 'PUT', body, headers, duplex: 'half' });
}

describe.each(backends)('records on $name', ({ name: backendName, open }) => {
  it('are described by HEAD as by GET', async () => {
    await using server = await serve(open());
    const url = `${await storeUrl(server)}/records/a`;
    const location = (await put(server, url, 'hello', { 'content-type': 'text/plain' })).headers.get('location');
    expect(location).toBe(server.url + url);
    const get = await server.request(url);
    const head = await server.request(url, { method: 'HEAD' });
    const headers = ({ headers: all }: Response): object =>
      Object.fromEntries([...all].filter(([key]) => !['connection', 'date', 'keep-alive'].includes(key)));
    expect(headers(head)).toEqual(headers(get));
    expect(headers(get)).toMatchObject({
      'accept-ranges': 'bytes',
      'content-length': '5',
      'content-type': 'text/plain',
      etag: expect.stringMatching(/^"[^"]+"$/),
      'last-modified': expect.stringMatching(/GMT$/),
    });
    expect([await get.text(), await head.text()]).toEqual(['hello', '']);
    const missing = await server.request(`${url}-missing`, { method: 'HEAD' });
    expect([missing.status, await missing.text()]).toEqual([404, '']);
  });

  it('give back the bytes of small values, whatever they mean', async () => {
    await using server = await serve(open());
    const store = await storeUrl(server);
    const values = [
      Buffer.from(Array.from({ length: 128 }, (_, byte) => byte)),
      Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)),
      Buffer.from('Žluťoučký kůň \u{1f434}'),
      Buffer.from([0xff, 0xfe, 0x41, 0xc3]),
      ...[1, 4096, 4097].flatMap((size) => [Buffer.alloc(size, 'x'), Buffer.alloc(size, 0xe9)]),
    ];
    for (const [index, value] of values.entries()) {
      const url = `${store}/records/${index}`;
      await put(server, url, value, { 'content-type': 'text/plain; charset=latin1' });
      const response = await server.request(url, { headers: { 'accept-encoding': 'identity' } });
      expect(Buffer.from(await response.arrayBuffer()).equals(value)).toBe(true);
      expect(response.headers.get('content-type')).toBe('text/plain; charset=latin1');
      expect(response.headers.get('content-length')).toBe(String(value.length));
    }
  });

  it('give parts of themselves', async () => {
    await using server = await serve(open());
    const url = `${await storeUrl(server)}/records/big`;
    const bytes = randomBytes(300_000);
    await put(server, url, bytes);
    const part = async (range: string, headers: Record<string, string> = {}): Promise<unknown[]> => {
      const response = await server.request(url, { headers: { range, ...headers } });
      const body = Buffer.from(await response.arrayBuffer());
      const { headers: given } = response;
      return [response.status, given.get('content-range'), given.get('content-length') === String(body.length), body];
    };
    expect(await part('bytes=0-9')).toEqual([206, 'bytes 0-9/300000', true, bytes.subarray(0, 10)]);
    expect(await part('bytes=65530-65550')).toEqual([
      206,
      'bytes 65530-65550/300000',
      true,
      bytes.subarray(65_530, 65_551),
    ]);
    expect(await part('bytes=299990-')).toEqual([206, 'bytes 299990-299999/300000', true, bytes.subarray(-10)]);
    expect(await part('bytes=-10')).toEqual([206, 'bytes 299990-299999/300000', true, bytes.subarray(-10)]);
    expect(await part('bytes=-999999')).toEqual([206, 'bytes 0-299999/300000', true, bytes]);
    expect(await part('bytes=299999-999999')).toEqual([206, 'bytes 299999-299999/300000', true, bytes.subarray(-1)]);
    for (const range of ['bytes=300000-', 'bytes=-0']) {
      expect((await part(range)).slice(0, 2)).toEqual([416, 'bytes */300000']);
    }
    for (const range of ['bytes=5-2', 'bytes=0-1,3-4', 'lines=1-2', 'bytes=-', 'bytes=a-b', '']) {
      expect(await part(range)).toEqual([200, null, true, bytes]);
    }
    const etag = (await server.request(url, { method: 'HEAD' })).headers.get('etag')!;
    expect((await part('bytes=0-9', { 'if-range': etag })).slice(0, 1)).toEqual([206]);
    expect((await part('bytes=0-9', { 'if-range': '"other"' })).slice(0, 1)).toEqual([200]);
    await put(server, url, '');
    for (const range of ['bytes=0-9', 'bytes=-0']) {
      expect((await part(range)).slice(0, 2)).toEqual([416, 'bytes */0']);
    }
    expect(await part('bytes=-5')).toEqual([200, null, true, Buffer.alloc(0)]);
  });

  it('are not sent again to those who have them', async () => {
    await using server = await serve(open());
    const url = `${await storeUrl(server)}/records/a`;
    await put(server, url, 'one');
    const etag = (await server.request(url)).headers.get('etag')!;
    const status = async (headers: Record<string, string>, method = 'GET'): Promise<number> =>
      (await server.request(url, { headers, method })).status;
    for (const tags of [etag, `W/${etag}`, `"x", ${etag}`, '*'])
      expect(await status({ 'if-none-match': tags })).toBe(304);
    expect(await status({ 'if-none-match': etag }, 'HEAD')).toBe(304);
    expect(await status({ 'if-none-match': '"x"' })).toBe(200);
    expect(await status({ 'if-match': etag })).toBe(200);
    expect(await status({ 'if-match': '"x"' })).toBe(412);
    await put(server, url, 'two');
    expect(await status({ 'if-none-match': etag })).toBe(200);
  });

  it('are written under conditions', async () => {
    await using server = await serve(open());
    const url = `${await storeUrl(server)}/records/a`;
    const created = await put(server, url, 'one', { 'if-none-match': '*' });
    if (!server.backend.capabilities.conditionalWrites) {
      expect([created.status, await created.json()]).toMatchObject([400, { error: { type: 'not-implemented' } }]);
      expect((await server.request(url)).status).toBe(404);
      return;
    }
    expect(created.status).toBe(201);
    expect((await put(server, url, 'two', { 'if-none-match': '*' })).status).toBe(412);
    const etag = (await server.request(url)).headers.get('etag')!;
    expect((await put(server, url, 'two', { 'if-match': '"x"' })).status).toBe(412);
    expect((await put(server, url, 'two', { 'if-match': etag })).status).toBe(201);
    expect((await put(server, url, 'three', { 'if-match': etag })).status).toBe(412);
    expect((await put(server, url, 'three', { 'if-match': '"a", "b"' })).status).toBe(400);
    expect((await server.request(url, { method: 'DELETE', headers: { 'if-match': etag } })).status).toBe(412);
    expect(await (await server.request(url)).text()).toBe('two');
    expect((await server.request(url, { method: 'DELETE', headers: { 'if-match': '*' } })).status).toBe(204);
    expect((await server.request(url, { method: 'DELETE', headers: { 'if-match': '*' } })).status).toBe(412);
  });

  it('keep their content type to the letter, and refuse what is none', async () => {
    await using server = await serve(open());
    const url = `${await storeUrl(server)}/records/a`;
    for (const type of ['text/plain', 'Text/HTML; Charset="UTF-8"', 'application/vnd.x+json;a=b', 'x/y']) {
      expect((await put(server, url, 'x', { 'content-type': type })).status).toBe(201);
      expect((await server.request(url)).headers.get('content-type')).toBe(type);
    }
    for (const type of ['text', 'text/', '/x', 'a b/c', `text/${'x'.repeat(300)}`, 'text/plain; é', '']) {
      const response = await put(server, url, 'x', { 'content-type': type });
      expect([type, response.status, await response.json()]).toMatchObject([
        type,
        400,
        { error: { type: 'invalid-content-type-header' } },
      ]);
    }
    expect((await server.request(url)).headers.get('content-type')).toBe('x/y');
    await server.request(url, { method: 'PUT', body: new Blob(['x']) });
    expect((await server.request(url)).headers.get('content-type')).toBe('application/octet-stream');
  });

  it('are served so that a browser runs none of them', async () => {
    await using server = await serve(open());
    const url = `${await storeUrl(server)}/records/a`;
    const shown = [
      'text/html',
      'image/svg+xml',
      'text/plain',
      'application/json; charset=utf-8',
      'image/png',
      'IMAGE/PNG',
    ];
    const saved = [
      'text/javascript',
      'application/pdf',
      'application/xhtml+xml',
      'application/xml',
      'text/xml',
      'x/y',
      'text/css',
    ];
    for (const type of [...shown, ...saved]) {
      await put(server, url, '<script>1</script>', { 'content-type': type });
      const { headers } = await server.request(url);
      expect(headers.get('content-security-policy')).toMatch(/^sandbox; default-src 'none';/);
      expect(headers.get('content-security-policy')).not.toContain('allow-');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('cross-origin-resource-policy')).toBe('same-origin');
      expect([type, headers.get('content-disposition')]).toEqual([
        type,
        shown.includes(type) ? null : 'attachment; filename="a"',
      ]);
      for (const yes of ['1', 'true', '']) {
        const attached = await server.request(`${url}?attachment=${yes}`);
        expect(attached.headers.get('content-disposition')).toBe('attachment; filename="a"');
      }
    }
    expect((await server.request(`${url}?attachment=maybe`)).status).toBe(400);
    for (const dest of ['script', 'serviceworker', 'worker', 'sharedworker', 'audioworklet']) {
      expect((await server.request(url, { headers: { 'sec-fetch-dest': dest } })).status).toBe(403);
    }
    const worker = await server.request(url, { headers: { 'service-worker': 'script' } });
    expect([worker.status, await worker.json()]).toMatchObject([
      403,
      { error: { type: 'service-worker-registration-not-allowed' } },
    ]);
  });

  it('can be embedded by other sites when everyone may read them', async () => {
    await using server = await serve(open());
    const store = await storeUrl(server);
    await put(server, `${store}/records/a`, 'x', { 'content-type': 'image/png' });
    await server.json('PUT', store, { generalAccess: 'ANYONE_WITH_ID_CAN_READ' });
    const { headers } = await server.request(`${store}/records/a`, { token: null });
    expect(headers.get('cross-origin-resource-policy')).toBe('cross-origin');
    expect(headers.get('access-control-allow-origin')).toBe('*');
    expect(headers.get('access-control-expose-headers')).toBeNull();
    expect(headers.get('access-control-allow-credentials')).toBeNull();
  });

  it('come as an archive', async () => {
    await using server = await serve(open());
    const store = await storeUrl(server);
    const records: Record<string, string> = {
      'a.json': '{"a":1}',
      'b-1': 'one',
      'b-2': 'x'.repeat(200_000),
      empty: '',
    };
    for (const [key, value] of Object.entries(records)) await put(server, `${store}/records/${key}`, value);
    const response = await server.request(`${store}/records`);
    expect(response.headers.get('content-type')).toBe('application/zip');
    expect(response.headers.get('content-disposition')).toBe('attachment; filename="records.zip"');
    expect(readZip(Buffer.from(await response.arrayBuffer()))).toEqual(records);
    const some = await server.request(`${store}/records?prefix=b-`);
    expect(Object.keys(readZip(Buffer.from(await some.arrayBuffer())))).toEqual(['b-1', 'b-2']);
    expect((await server.request(`${store}/records`, { method: 'HEAD' })).status).toBe(200);
    const none = await server.request(`${store}/records?prefix=none`);
    expect(readZip(Buffer.from(await none.arrayBuffer()))).toEqual({});
    expect((await server.request(`${store}/records?collection=x`)).status).toBe(400);
    const methods = await server.request(`${store}/records`, { method: 'PUT', body: 'x' });
    expect([methods.status, methods.headers.get('allow')]).toEqual([405, 'OPTIONS,HEAD,GET']);
  });

  it(`leave nothing behind when a client goes away (${backendName})`, async () => {
    await using server = await serve(open());
    const store = await storeUrl(server);
    await put(server, `${store}/records/kept`, 'old');
    const abort = new AbortController();
    const body = new ReadableStream({
      pull(controller) {
        controller.enqueue(new Uint8Array(200_000));
        setTimeout(() => abort.abort(), 50);
        return new Promise((resolve) => setTimeout(resolve, 20));
      },
    });
    const upload = server.request(`${store}/records/kept`, {
      method: 'PUT',
      body,
      duplex: 'half',
      signal: abort.signal,
    });
    await expect(upload).rejects.toThrow('aborted');
    expect(await (await server.request(`${store}/records/kept`)).text()).toBe('old');
    expect(await server.json('GET', `${store}/keys`)).toMatchObject({ count: 1 });
  });
});

describe('types that are no header', () => {
  const types = ['text/plain\r\nX-Evil: 1', 'text/html; name=中'];

  it.each(types)('make a record corrupt where metadata was edited by hand: %j', async (contentType) => {
    const [, fs] = backends;
    await using server = await serve(fs!.open());
    const url = `${await storeUrl(server)}/records/a`;
    await put(server, url, 'x', { 'content-type': 'x/y' });
    const dir = server.backend.location;
    const sidecar = readdirSync(dir, { recursive: true, encoding: 'utf8' }).find((file) =>
      file.endsWith('a.__metadata__.json'),
    );
    const path = join(dir, sidecar!);
    writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), contentType }));
    const response = await server.request(url);
    expect([response.status, await response.json()]).toMatchObject([409, { error: { type: 'record-corrupt' } }]);
    expect(response.headers.has('x-evil')).toBe(false);
  });

  it.each(types)('are bytes where a backend lets them through: %j', async (contentType) => {
    await using memory = createMemoryBackend();
    const openStore = memory.openKeyValueStore.bind(memory);
    memory.openKeyValueStore = async (...args) => {
      const store = await openStore(...args);
      const getBody = store.getRecordBody.bind(store);
      store.getRecordBody = async (...given) => {
        const record = await getBody(...given);
        return record && { ...record, contentType };
      };
      return store;
    };
    await using server = await serve(memory);
    const url = `${await storeUrl(server)}/records/a`;
    await put(server, url, 'hello', { 'content-type': 'x/y' });
    const response = await server.request(url);
    expect([response.status, await response.text()]).toEqual([200, 'hello']);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'application/octet-stream',
      'x-content-type-options': 'nosniff',
      'content-disposition': 'attachment; filename="a"',
    });
    expect(response.headers.has('x-evil')).toBe(false);
  });
});

/** Reads an archive by its central directory; its files are stored as they are. */
function readZip(bytes: Buffer): Record<string, string> {
  const end = bytes.lastIndexOf(Buffer.from('PK\u0005\u0006'));
  const files: Record<string, string> = {};
  let at = bytes.readUInt32LE(end + 16);
  for (let left = bytes.readUInt16LE(end + 10); left > 0; left -= 1) {
    const [size, nameLength] = [bytes.readUInt32LE(at + 20), bytes.readUInt16LE(at + 28)];
    const name = bytes.toString('utf8', at + 46, at + 46 + nameLength);
    const local = bytes.readUInt32LE(at + 42);
    const start = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
    files[name] = bytes.toString('utf8', start, start + size);
    at += 46 + nameLength + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
  }
  return files;
}
