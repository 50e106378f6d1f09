import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { StorageBackend } from '@kv/core';
import { createBackend as createFsBackend } from '@kv/fs';
import { describe, expect, it } from 'vitest';
import { backends, serve } from './serve.js';

describe('the server', () => {
  it('says what it is', async () => {
    await using server = await serve();
    const about = (await (await server.request('/', { token: null })).json()) as Record<string, string>;
    expect(about).toMatchObject({
      name: 'kv-server',
      api: `${server.url}/v2`,
      openapi: `${server.url}/v2/openapi.json`,
    });
    expect(await (await server.request('/health', { token: null })).json()).toEqual({ status: 'ok' });
  });

  it('is not healthy when its data cannot be reached', async () => {
    await using server = await serve();
    await server.backend.close();
    const response = await server.request('/health');
    expect([response.status, await response.json()]).toMatchObject([503, { error: { type: 'operation-canceled' } }]);
  });

  it('answers pages of other sites, which can do no more than their token', async () => {
    await using server = await serve();
    const preflight = await server.request('/v2/key-value-stores', {
      method: 'OPTIONS',
      token: null,
      headers: { origin: 'https://x.example', 'access-control-request-headers': 'authorization,content-type' },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-origin')).toBe('*');
    expect(preflight.headers.get('access-control-allow-headers')).toBe('authorization,content-type');
    expect(preflight.headers.get('access-control-allow-methods')).toContain('PUT');
    for (const path of ['/v2/key-value-stores', '/v2/nothing', '/health']) {
      const { headers } = await server.request(path, { headers: { origin: 'https://x.example', cookie: 'token=x' } });
      expect(headers.get('access-control-allow-origin')).toBe('*');
      expect(headers.get('access-control-expose-headers')).toContain('X-Apify-Pagination-Total');
      expect(headers.get('access-control-allow-credentials')).toBeNull();
      expect(headers.get('set-cookie')).toBeNull();
    }
  });

  it('asks for no URL that a client names', async () => {
    const asked: unknown[] = [];
    const canary = createServer((request, response) => {
      asked.push(request.url);
      response.end();
    });
    await new Promise<void>((resolve) => {
      canary.listen(0, '127.0.0.1', resolve);
    });
    const url = `http://127.0.0.1:${(canary.address() as AddressInfo).port}/canary`;
    await using server = await serve();
    const schema = {
      actorKeyValueStoreSchemaVersion: 1,
      title: url,
      collections: {
        a: {
          title: url,
          key: 'a',
          contentTypes: ['application/json'],
          jsonSchema: { $id: url, allOf: [{ $ref: url }] },
        },
      },
    };
    await server.request('/v2/key-value-stores?name=a', { method: 'POST', body: JSON.stringify({ schema }) });
    const { id } = await server.json('POST', '/v2/key-value-stores?name=b');
    const headers = { 'content-type': 'application/json', referer: url, origin: url, link: `<${url}>; rel=preload` };
    await server.request(`/v2/key-value-stores/${String(id)}/records/a`, {
      method: 'PUT',
      body: JSON.stringify({ $ref: url, url }),
      headers,
    });
    await server.request(`/v2/key-value-stores/${String(id)}/records/a`, { headers });
    await server.json('PUT', `/v2/key-value-stores/${String(id)}`, { title: url });
    expect(asked).toEqual([]);
    canary.close();
  });
});

describe.each(backends)('a place that was in use before on $name', ({ open }) => {
  it('is served as it is, and what is stored through the server is found there', async () => {
    const backend = open();
    const old = await backend.openKeyValueStore({ name: 'old' });
    await old.setRecord({ key: 'a', value: new TextEncoder().encode('here before'), contentType: 'text/plain' });
    await using server = await serve(backend);
    expect(await server.json('GET', '/v2/key-value-stores')).toMatchObject({ items: [{ id: old.id, name: 'old' }] });
    const path = '/v2/key-value-stores/~old/records';
    expect(await (await server.request(`${path}/a`)).text()).toBe('here before');
    await server.request(`${path}/b`, { method: 'PUT', body: '{}', headers: { 'content-type': 'application/json' } });
    expect(await old.getRecord('b')).toMatchObject({
      contentType: 'application/json',
      value: new Uint8Array([123, 125]),
    });
  });
});

describe.each(backends)('unnamed stores on $name', ({ open }) => {
  it('outlive a program of the SDK that empties what is its own on the same place', async () => {
    await using server = await serve(open());
    const ids: string[] = [];
    for (const query of ['', '?name=renamed']) {
      const { id } = await server.json('POST', `/v2/key-value-stores${query}`);
      await server.json('PUT', `/v2/key-value-stores/${String(id)}`, { name: null });
      await server.request(`/v2/key-value-stores/${String(id)}/records/a`, { method: 'PUT', body: 'kept' });
      ids.push(String(id));
    }
    await using program = await reopen(server.backend);
    const scratch = await program.openKeyValueStore({ alias: 'scratch' });
    await scratch.setRecord({ key: 'a', value: new Uint8Array(1), contentType: 'x/y' });
    const purged = await program.purge();
    expect(purged).toMatchObject([{ id: scratch.id, removed: 1 }]);
    for (const id of ids) {
      expect(await (await server.request(`/v2/key-value-stores/${id}/records/a`)).text()).toBe('kept');
    }
    const { items } = await server.json('GET', '/v2/key-value-stores?unnamed=1');
    const listed = items as { id: string; name: null }[];
    expect(listed.map(({ id }) => id).toSorted()).toEqual([...ids, scratch.id].toSorted());
    expect(new Set(listed.map(({ name }) => name))).toEqual(new Set([null]));
  });

  it('stay what they are when their name is taken away again', async () => {
    await using server = await serve(open());
    const { id } = await server.backend.openKeyValueStore({});
    expect(await server.json('PUT', `/v2/key-value-stores/${id}`, { name: null, title: 'T' })).toMatchObject({
      id,
      name: null,
      title: 'T',
    });
    expect((await server.backend.openKeyValueStore({})).id).toBe(id);
  });
});

/** Opens the place as another program does; what lies in the memory of this one has no other way in. */
async function reopen(backend: StorageBackend): Promise<StorageBackend> {
  return backend.name === 'fs' ? createFsBackend({ dir: backend.location }) : backend;
}

describe.each(backends)('many clients at once on $name', ({ open }) => {
  it('lose no record and get no 5xx', async () => {
    await using server = await serve(open());
    const { id } = await server.json('POST', '/v2/key-value-stores?name=busy');
    const url = `/v2/key-value-stores/${String(id)}`;
    await Promise.all(
      Array.from({ length: 20 }, async (_, writer) => {
        for (let n = 0; n < 20; n += 1) {
          const own = await server.request(`${url}/records/w${writer}-${n}`, { method: 'PUT', body: `${n}` });
          const shared = await server.request(`${url}/records/shared`, {
            method: 'PUT',
            body: `${writer}:${writer}`.repeat(n + 1),
          });
          expect([own.status, shared.status]).toEqual([201, 201]);
          const read = await (await server.request(`${url}/records/shared`)).text();
          expect(read).toMatch(/^(\d+):\1(\1:\1)*$/);
        }
      }),
    );
    expect(await server.json('GET', `${url}/keys`)).toMatchObject({ count: 401 });
  });

  it('rename a store to one name, and one of them succeeds', async () => {
    await using server = await serve(open());
    const ids = await Promise.all(
      Array.from({ length: 5 }, async () => (await server.json('POST', '/v2/key-value-stores'))['id']),
    );
    const responses = await Promise.all(
      ids.map((id) =>
        server.request(`/v2/key-value-stores/${String(id)}`, { method: 'PUT', body: '{"name":"wanted"}' }),
      ),
    );
    expect(responses.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 400, 400, 400, 400]);
  });
});
