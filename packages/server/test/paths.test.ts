import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { serve, TOKEN } from './serve.js';
import type { TestServer } from './serve.js';

const STORES = '/v2/key-value-stores';

/** Sends a path as it is, which `fetch` would normalise. */
async function send(server: TestServer, method: string, path: string): Promise<{ status: number; body: string }> {
  const { hostname, port } = new URL(server.url);
  const request = httpRequest({ hostname, port, method, path, headers: { authorization: `Bearer ${TOKEN}` } });
  request.end(method === 'PUT' ? '{"title":"changed"}' : undefined);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return { status: response.statusCode ?? 0, body: await text(response) };
}

describe('paths', () => {
  it('change nothing when they only resemble that of a store', async () => {
    await using server = await serve();
    const { id } = await server.json('POST', `${STORES}?name=kept`);
    const base = `${STORES}/${String(id)}`;
    await server.request(`${base}/records/a`, { method: 'PUT', body: 'a' });
    const paths = [
      `${base}/`,
      `${base}//`,
      `/${base}`,
      `${base}/records/..`,
      `${base}/records/../`,
      `${base}/records/a/../..`,
      `${base}/records/%2e%2e`,
      `${base}/records/%2E.`,
      `${base}/records/.`,
      `${base}/records/`,
      `${base}/records/%2F`,
      `${base}/records/..%2F`,
      `${base}/records/a%2F..%2F..`,
      `${base}/records/%00`,
      `${base}/records/a%00`,
      `${base}/records/%zz`,
      `${base}/records/%`,
      `${base}/records/%C0%AE`,
      `${base}/records/%ED%A0%80`,
      `${base}/records/a\\..`,
      `${base}%2F`,
      `${base}%00`,
      `${base}/./`,
      `/v2//key-value-stores/${String(id)}`,
      `/v2/./key-value-stores/${String(id)}`,
      `/V2/key-value-stores/${String(id)}`,
      `/v2/key-value-stores/${String(id)}/Records/a`,
    ];
    for (const path of paths) {
      for (const method of ['PUT', 'DELETE']) {
        const { status, body } = await send(server, method, path);
        expect([method, path, status < 500 && status >= 400]).toEqual([method, path, true]);
        expect(JSON.parse(body)).toHaveProperty('error.type');
      }
    }
    expect(await server.json('GET', base)).not.toHaveProperty('title');
    expect(await (await server.request(`${base}/records/a`)).text()).toBe('a');
    expect(await server.json('GET', `${base}/keys`)).toMatchObject({ count: 1 });
  });

  it('never make the server fail, whatever they are', async () => {
    await using server = await serve();
    await server.json('POST', `${STORES}?name=kept`);
    const character = fc.constantFrom(...'/.%~?&=#\\\'" {}|<>^`0aAzé\u0000'.split('').map(encodeSome));
    const path = fc.array(character, { maxLength: 30 }).map((parts) => `${STORES}/${parts.join('')}`);
    await fc.assert(
      fc.asyncProperty(path, fc.constantFrom('GET', 'PUT', 'DELETE', 'POST', 'HEAD'), async (target, method) => {
        const { status } = await send(server, method, target);
        expect(status).toBeLessThan(500);
      }),
      { numRuns: 200 },
    );
    expect(await server.json('GET', STORES)).toMatchObject({ total: 1 });
  });

  it('are refused when they are too long, and so are headers', async () => {
    await using server = await serve();
    expect((await send(server, 'GET', `${STORES}/${'x'.repeat(20_000)}`)).status).toBe(431);
    const key = 'k'.repeat(256);
    const { id } = await server.json('POST', `${STORES}?name=long`);
    expect((await server.request(`${STORES}/${String(id)}/records/${key}`, { method: 'PUT', body: 'x' })).status).toBe(
      201,
    );
  });

  it('answer by 404 where there is nothing, and by 405 where there is another method', async () => {
    await using server = await serve();
    for (const path of ['/v2', '/v2/nothing', '/v3/key-value-stores', '/v2/datasets-x']) {
      const response = await server.request(path);
      expect([response.status, await response.json()]).toMatchObject([404, { error: { type: 'page-not-found' } }]);
    }
    const response = await server.request(STORES, { method: 'DELETE' });
    expect(response.headers.get('allow')).toBe('OPTIONS,HEAD,GET,POST');
    expect([response.status, await response.json()]).toMatchObject([405, { error: { type: 'method-not-allowed' } }]);
  });

  it('take another method from the query, but only with a token in the header', async () => {
    await using server = await serve();
    const { id } = await server.json('POST', `${STORES}?name=override`);
    const record = `${STORES}/${String(id)}/records/a`;
    expect((await server.request(`${record}?method=PUT`, { method: 'POST', body: 'by override' })).status).toBe(201);
    expect(await (await server.request(record)).text()).toBe('by override');
    const got = await server.request(`${record}?method=GET`, { method: 'POST', body: 'ignored' });
    expect([got.status, await got.text()]).toEqual([200, 'by override']);
    expect((await server.request(`${record}?method=DELETE&token=${TOKEN}`, { token: null })).status).toBe(200);
    expect(await (await server.request(record)).text()).toBe('by override');
    expect((await server.request(`${record}?method=PATCH`)).status).toBe(200);
    expect((await server.request(`${record}?method=DELETE`)).status).toBe(204);
    expect((await server.request(record)).status).toBe(404);
  });

  it('have no other meaning for a client that speaks no good HTTP', async () => {
    await using server = await serve();
    const { port } = new URL(server.url);
    for (const head of [
      'GET http://[bad/ HTTP/1.1\r\nHost: x',
      'GET / HTTP/1.1\r\nHost: a b',
      'GET / HTTP/9',
      '\0\0\0',
    ]) {
      const socket = connect(Number(port), '127.0.0.1');
      socket.end(`${head}\r\n\r\n`);
      const answer = await text(socket);
      expect(answer).toMatch(/^(HTTP\/1\.1 4\d\d|$)/);
    }
    expect((await server.request('/health')).status).toBe(200);
  });
});

function encodeSome(character: string): string {
  return /[\0 {}|<>^`"é\\]/.test(character) ? encodeURIComponent(character) : character;
}
