import { gunzipSync } from 'node:zlib';
import type { WriteOptions } from '@kv/core';
import { describe, expect, it } from 'vitest';
import { createBackend } from '../src/index.js';
import { apiError, connect, scriptedServer, STORE, STORE_ID } from './scripted-server.js';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('addresses', () => {
  it('encodes keys, and knows stores by id and by ~name', async () => {
    const server = await scriptedServer(({ method }) => (method === 'HEAD' ? { headers: { etag: '"a"' } } : undefined));
    const backend = await connect(server);
    const store = await backend.openKeyValueStore({ name: 'records' });
    await backend.findKeyValueStore({ name: 'other' });
    await store.setRecord({ key: "a'(b)!.c", value: bytes('x'), contentType: 'text/plain' });
    await store.deleteRecord('...');
    expect(server.seen.map(({ method, url }) => `${method} ${url}`)).toEqual([
      'POST /v2/key-value-stores?name=records',
      'GET /v2/key-value-stores/~other',
      `PUT /v2/key-value-stores/${STORE_ID}/records/a'(b)!.c`,
      `DELETE /v2/key-value-stores/${STORE_ID}/records/...`,
    ]);
    expect(server.seen.map(({ headers }) => headers.authorization)).toEqual(Array(4).fill('Bearer secret-token'));
  });

  it.each(['', '/', '/v2', '/v2/', '//'])('takes a base URL that ends in "%s"', async (end) => {
    const server = await scriptedServer(() => undefined);
    const backend = await connect({ ...server, url: `${server.url}/prefix${end}` });
    expect(backend.location).toBe(`${server.url}/prefix`);
    await backend.findKeyValueStore({ name: 'a' }).catch(() => undefined);
    expect(server.seen[0]?.url).toBe('/prefix/v2/key-value-stores/~a');
  });

  it.each([
    ['apiBaseUrl', 'localhost:3000'],
    ['apiBaseUrl', 'ftp://localhost'],
    ['apiBaseUrl', ''],
    ['apiPublicBaseUrl', 'http://user:password@localhost'],
    ['apiPublicBaseUrl', 'http://localhost?a'],
    ['token', 'a b'],
    ['token', ''],
    ['maxRetries', -1],
    ['timeoutMillis', 0],
    ['retryDelayMillis', Number.NaN],
  ])('refuses the option %s as %j, without showing a secret', async (option, value) => {
    const creating = createBackend({ [option]: value });
    await expect(creating).rejects.toThrow(TypeError);
    await expect(creating).rejects.toThrow(`"${option}"`);
    await expect(creating).rejects.not.toThrow('password');
  });

  it('never looks for what can be no id', async () => {
    const server = await scriptedServer(() => undefined);
    const backend = await connect(server);
    for (const id of ['', '..', '~records', 'a/b', 'user~name']) {
      expect(await backend.findKeyValueStore({ id })).toBeUndefined();
    }
    expect(server.seen).toEqual([]);
    // Apify gives the store of a name here.
    await expect(backend.openKeyValueStore({ id: 'records' })).rejects.toMatchObject({ code: 'KV_STORAGE_NOT_FOUND' });
  });
});

describe('compression', () => {
  const cases: readonly [string, number, boolean][] = [
    ['application/json; charset=utf-8', 1024, false],
    ['application/json; charset=utf-8', 1025, true],
    ['text/csv', 5000, true],
    ['application/ld+json', 5000, true],
    ['image/svg+xml', 5000, true],
    ['text/html; charset=utf-8', 5000, false],
    ['image/png', 5000, false],
    ['application/octet-stream', 5000, false],
    ['application/zip', 5000, false],
  ];

  it.each(cases)('%s of %i bytes: %s', async (contentType, length, isCompressed) => {
    const server = await scriptedServer(() => undefined);
    const store = await (await connect(server)).openKeyValueStore({ name: 'records' });
    const value = bytes('x'.repeat(length));
    await store.setRecord({ key: 'key', value, contentType });
    const { headers, body } = server.seen[1] ?? {};
    expect(headers?.['content-type']).toBe(contentType);
    expect(headers?.['content-encoding']).toBe(isCompressed ? 'gzip' : undefined);
    expect(body && (isCompressed ? gunzipSync(body) : body).equals(value)).toBe(true);
    expect(headers?.['content-length']).toBe(String(body?.length));
  });

  it('leaves alone what does not get smaller, and streams', async () => {
    const server = await scriptedServer(() => undefined);
    const store = await (await connect(server)).openKeyValueStore({ name: 'records' });
    const noise = crypto.getRandomValues(new Uint8Array(5000));
    await store.setRecord({ key: 'key', value: noise, contentType: 'text/plain' });
    await store.setRecord({ key: 'key', value: new Blob(['x'.repeat(5000)]).stream(), contentType: 'text/plain' });
    for (const { headers } of server.seen.slice(1)) expect(headers['content-encoding']).toBeUndefined();
    expect(server.seen[1]?.body.equals(noise)).toBe(true);
    expect(server.seen[2]?.body.length).toBe(5000);
  });
});

describe('what a server leaves out', () => {
  const LISTED = { data: { items: [{ key: 'key', size: 7 }], isTruncated: false } };

  it('fills in an etag that is never equal, the present time, and the size of the listing', async () => {
    const server = await scriptedServer(({ method, url }) => {
      if (url.includes('/keys?')) return { body: LISTED };
      return method === 'HEAD' ? { headers: { 'content-encoding': 'gzip', 'content-length': '3' } } : undefined;
    });
    const store = await (await connect(server)).openKeyValueStore({ name: 'records' });
    const before = Date.now();
    const [one, two] = [await store.getRecordInfo('key'), await store.getRecordInfo('key')];
    expect(one).toMatchObject({ key: 'key', size: 7 });
    expect(one?.modifiedAt.getTime()).toBeGreaterThanOrEqual(before);
    expect(one?.etag).not.toBe(two?.etag);
    expect(server.seen[1]?.headers['accept-encoding']).toBe('identity');
  });

  it.each(['"abc"', 'W/"abc"', 'abc'])('reads the etag %s', async (etag) => {
    const server = await scriptedServer(({ method }) =>
      method === 'HEAD'
        ? { headers: { etag, 'content-length': '5', 'last-modified': 'Fri, 02 Jan 2026 03:04:05 GMT' } }
        : undefined,
    );
    const store = await (await connect(server)).openKeyValueStore({ name: 'records' });
    expect(await store.getRecordInfo('key')).toEqual({
      key: 'key',
      contentType: 'application/json; charset=utf-8',
      size: 5,
      etag: 'abc',
      modifiedAt: new Date('2026-01-02T03:04:05Z'),
    });
  });

  it('goes on after the last key of a page that has no cursor', async () => {
    const page = { data: { items: [{ key: 'a', size: 1 }], isTruncated: true } };
    const server = await scriptedServer(({ url }) => (url.includes('/keys?') ? { body: page } : undefined));
    const store = await (await connect(server)).openKeyValueStore({ name: 'records' });
    expect(await store.listKeys({ limit: 1 })).toMatchObject({ isTruncated: true, nextExclusiveStartKey: 'a' });
  });

  it('takes the times, and nothing else, of a store that the API hardly tells of', async () => {
    const server = await scriptedServer(() => ({ body: { data: { ...STORE, name: null } } }));
    const store = await (await connect(server)).openKeyValueStore({ id: STORE_ID });
    const { createdAt, modifiedAt, accessedAt } = STORE;
    expect(await store.getInfo()).toEqual({
      id: STORE_ID,
      createdAt: new Date(createdAt),
      modifiedAt: new Date(modifiedAt),
      accessedAt: new Date(accessedAt),
    });
  });
});

describe('numbers of writes', () => {
  const open = async (capabilities: object) => {
    const failing = new Set(['PUT /late', 'DELETE /late']);
    const server = await scriptedServer(({ method, url }) => {
      if (url === '/') return { body: { capabilities } };
      if (method === 'GET') return {};
      return failing.delete(`${method} ${url.slice(url.lastIndexOf('/'))}`) ? apiError(502, 'bad-gateway') : undefined;
    });
    const store = await (await connect(server)).openKeyValueStore({ name: 'records' });
    const write = async (key: string, options: WriteOptions = {}): Promise<void> =>
      store.setRecord({ key, value: bytes('x'), contentType: 'text/plain' }, options);
    const numbers = (): string[] =>
      server.seen.filter(({ url }) => url.includes('/records/')).map(({ headers }) => String(headers['x-kv-write']));
    return { store, write, numbers };
  };

  it('are the same for all attempts of one, and tell the oldest that is waited for', async () => {
    const { store, write, numbers } = await open({ numberedWrites: true, conditionalWrites: true });
    await write('late');
    await store.deleteRecord('late');
    await write('key', { ifNoneMatch: '*' });
    const value = new Blob(['x']).stream();
    await Promise.all([store.setRecord({ key: 'key', value, contentType: 'text/plain' }), store.deleteRecord('key')]);
    await store.getRecord('key');
    const client = /^[0-9a-f]{32}(?=:)/.exec(numbers()[0] ?? '')?.[0];
    expect(client).toBeDefined();
    const expected = ['1:1', '1:1', '2:2', '2:2', '3:3', '4:4', '5:4'].map((number) => `${client}:${number}`);
    expect(numbers().toSorted()).toEqual([...expected, 'undefined']);
  });

  it('are told to no server that does not ask for them', async () => {
    const { store, write, numbers } = await open({ conditionalWrites: true });
    await write('late');
    await store.deleteRecord('late');
    expect(numbers()).toEqual(Array(4).fill('undefined'));
  });
});

describe('public URLs', () => {
  it.each([
    ['http://internal/v2/key-value-stores/x/records/key?signature=S1g', '?signature=S1g'],
    ['http://internal/v2/key-value-stores/x/records/key', ''],
    [undefined, ''],
  ])('puts the signature of %s under the public base', async (recordPublicUrl, query) => {
    const items = [{ key: 'key', size: 1, recordPublicUrl }];
    const server = await scriptedServer(({ url }) =>
      url.includes('/keys?') ? { body: { data: { items, isTruncated: false } } } : undefined,
    );
    const backend = await connect(server, { apiPublicBaseUrl: 'https://public.example/' });
    const store = await backend.openKeyValueStore({ name: 'records' });
    expect(await store.getPublicUrl('key')).toBe(
      `https://public.example/v2/key-value-stores/${STORE_ID}/records/key${query}`,
    );
    expect(await store.getPublicUrl('ke')).toBeUndefined();
  });
});

describe('capabilities', () => {
  const told: readonly [string, unknown, boolean][] = [
    ['says so', { capabilities: { conditionalWrites: true } }, true],
    ['says no', { capabilities: { conditionalWrites: false } }, false],
    ['says nothing', { name: 'something' }, false],
    ['says what is no JSON', '<html>', false],
  ];

  it.each(told)('declares conditional writes when the server says so: it %s', async (_what, body, expected) => {
    const server = await scriptedServer(({ url }) => (url === '/' ? { body } : undefined));
    const { capabilities } = await connect(server);
    expect(capabilities).toEqual({
      purge: false,
      publicUrls: true,
      conditionalWrites: expected,
      persistent: true,
    });
  });

  it('declares none for a server without such a page, and fails for one that is not there', async () => {
    const server = await scriptedServer(() => apiError(403, 'insufficient-permissions'));
    expect((await connect(server)).capabilities.conditionalWrites).toBe(false);
    await expect(
      createBackend({ apiBaseUrl: 'http://127.0.0.1:1', maxRetries: 1, retryDelayMillis: 1 }),
    ).rejects.toMatchObject({ code: 'KV_BACKEND_FAILED', details: { location: 'http://127.0.0.1:1' } });
  });

  it('asks nothing of Apify', async () => {
    const backend = await createBackend();
    expect([backend.location, backend.capabilities.conditionalWrites]).toEqual(['https://api.apify.com', false]);
  });
});
