import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { routes } from '../src/http/routes.js';
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

  it('have the same methods by OPTIONS as by 405, and HEAD wherever there is GET', async () => {
    await using server = await serve();
    const { id } = await server.json('POST', `${STORES}?name=methods`);
    await server.json('GET', '/v2/actor-runs/run');
    const record = '/records/a';
    await server.request(`${STORES}/${String(id)}${record}`, { method: 'PUT', body: 'x' });
    await server.request(`/v2/actor-runs/run/key-value-store${record}`, { method: 'PUT', body: 'x' });
    for (const path of new Set(routes.map((route) => route.path))) {
      const names = { ':storeId': String(id), ':key': 'a', ':runId': 'run', ':actorId': 'x', ':userId': 'admin' };
      const url = path.replaceAll(/:\w+/g, (name) => names[name as keyof typeof names]);
      const methods = routes.filter((route) => route.path === path).map(({ method }) => method);
      const allowed = ['OPTIONS', ...(methods.includes('GET') ? ['HEAD'] : []), ...methods].join(',');
      const options = await server.request(url, { method: 'OPTIONS', token: null });
      expect([path, options.status, options.headers.get('allow')]).toEqual([path, 204, allowed]);
      for (const method of ['GET', 'POST', 'PUT', 'DELETE', 'PATCH'].filter((name) => !allowed.includes(name))) {
        const refused = await server.request(url, { method });
        expect([path, refused.status, refused.headers.get('allow')]).toEqual([path, 405, allowed]);
      }
      if (!methods.includes('GET')) continue;
      const [get, head] = [await server.request(url), await server.request(url, { method: 'HEAD' })];
      const types = [get, head].map(({ headers }) => headers.get('content-type'));
      expect([path, get.status, head.status, types[1]]).toEqual([path, 200, 200, types[0]]);
      expect((await head.arrayBuffer()).byteLength).toBe(0);
      await get.arrayBuffer();
    }
    // A page of another site could not read the 404 after a preflight that fails.
    const nothing = await server.request('/v2/nothing', { method: 'OPTIONS', token: null });
    expect([nothing.status, nothing.headers.get('allow')]).toEqual([204, null]);
  });

  it('ignore parameters that are not theirs, and refuse values that are none', async () => {
    await using server = await serve();
    const { id } = await server.json('POST', `${STORES}?name=parameters`);
    const store = `${STORES}/${String(id)}`;
    await server.request(`${store}/records/a`, { method: 'PUT', body: 'x' });
    const status = async (path: string): Promise<number> => (await server.request(path)).status;
    for (const path of ['/', '/health', '/v2/users/me', STORES, store, `${store}/keys`, `${store}/records/a`]) {
      expect([path, await status(`${path}?unknown=1&disableRedirect=true`)]).toEqual([path, 200]);
    }
    const values = [
      [STORES, ['limit=x', 'limit=-1', 'offset=x', 'offset=-1', 'desc=2', 'unnamed=yes', 'ownership=all']],
      [`${store}/keys`, ['limit=x', 'limit=-1', 'limit=1.5', 'collection=none']],
      [`${store}/records`, ['collection=none']],
      [`${store}/records/a`, ['attachment=yes']],
    ] as const;
    for (const [path, queries] of values)
      for (const query of queries) expect([path, query, await status(`${path}?${query}`)]).toEqual([path, query, 400]);
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
