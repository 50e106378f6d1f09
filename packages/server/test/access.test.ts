import { describe, expect, it, vi } from 'vitest';
import { routes } from '../src/http/routes.js';
import { backends, serve, TOKEN } from './serve.js';
import type { TestServer } from './serve.js';

const STORES = '/v2/key-value-stores';

/** Answers of the error kind, for comparison. */
async function outcome(response: Response): Promise<string> {
  if (response.ok) return String(response.status);
  const { error } = (await response.json()) as { error: { type: string } };
  return `${response.status} ${error.type}`;
}

async function newStore(server: TestServer, generalAccess?: string): Promise<string> {
  const { id } = await server.json('POST', `${STORES}?name=private`);
  await server.request(`${STORES}/${String(id)}/records/a`, { method: 'PUT', body: '"a"' });
  if (generalAccess) await server.json('PUT', `${STORES}/${String(id)}`, { generalAccess });
  return String(id);
}

describe('the route table', () => {
  it('guards every route that is not known to be public', () => {
    const open = routes.filter(({ right }) => right === 'public').map(({ method, path }) => `${method} ${path}`);
    expect(open.toSorted()).toEqual(['GET /', 'GET /health', 'GET /v2/openapi.json', 'GET /v2/users/:userId']);
    for (const { method, right, locate, link } of routes) {
      expect(locate !== undefined).toBe(right.startsWith('store'));
      if (method !== 'GET') expect(right).toMatch(/-(write|manage|open)$/);
      if (method !== 'GET') expect(link).toBeUndefined();
    }
  });

  it('answers every route without a token by 401, or by 404 where some stores may be read', async () => {
    await using server = await serve();
    const id = await newStore(server);
    for (const { method, path, right } of routes) {
      if (right === 'public') continue;
      const url = path.replace(':storeId', id).replace(':runId', 'run').replace(':actorId', 'x').replace(':key', 'a');
      const response = await server.request(url, { method, token: null });
      const expected = right === 'store-read' ? '404 record-or-token-not-found' : '401 token-not-provided';
      expect([method, path, await outcome(response)]).toEqual([method, path, expected]);
      const wrong = await server.request(url, { method, token: 'kv_wrong' });
      expect(await outcome(wrong)).toBe('401 user-or-token-not-found');
    }
    expect((await server.request(`${STORES}/${id}/records/a`)).status).toBe(200);
  });
});

describe('the metrics', () => {
  it('are of all users, and told to the first alone', async () => {
    await using server = await serve();
    const id = await newStore(server);
    const { token: foreign } = await server.addUser('foreigner');
    const { token: foreignReader } = await server.addUser('reader', { scope: 'read' });
    const { token: reader } = await server.addToken({ scope: 'read' });
    const { token: ofOneStore } = await server.addToken({ scope: 'manage', storeIds: [id] });
    const { token: expired } = await server.addToken({ scope: 'manage', expiresAt: new Date(0) });
    for (const method of ['GET', 'HEAD']) {
      const status = async (token: string | null): Promise<number> =>
        (await server.request('/metrics', { method, token })).status;
      expect(await status(null)).toBe(401);
      for (const token of ['kv_wrong', expired]) expect(await status(token)).toBe(401);
      for (const token of [foreign, foreignReader, ofOneStore]) expect(await status(token)).toBe(403);
      for (const token of [TOKEN, reader]) expect(await status(token)).toBe(200);
    }
    const refused = await server.request('/metrics', { token: foreign });
    expect(await outcome(refused)).toBe('403 insufficient-permissions');
    expect(await (await server.request('/metrics', { token: reader })).text()).toContain('kv_server_requests_total');
  });

  it('need no token where nothing does', async () => {
    await using server = await serve(undefined, { allowAnonymous: true });
    const { token: foreign } = await server.addUser('foreigner');
    expect((await server.request('/metrics', { token: null })).status).toBe(200);
    expect((await server.request('/metrics', { token: foreign })).status).toBe(403);
    const headers = { 'sec-fetch-site': 'cross-site' };
    expect((await server.request('/metrics', { token: null, headers })).status).toBe(401);
  });
});

const NOT_FOUND = '404 record-not-found';
const HIDDEN = '404 record-or-token-not-found';
const DENIED = '403 insufficient-permissions';
const NO_TOKEN = '401 token-not-provided';

describe.each(backends)('general access on $name', ({ open }) => {
  it.each([
    { access: 'RESTRICTED', byId: [HIDDEN, NOT_FOUND], byName: [HIDDEN, NOT_FOUND], foreignWrite: NOT_FOUND },
    { access: 'FOLLOW_USER_SETTING', byId: [HIDDEN, NOT_FOUND], byName: [HIDDEN, NOT_FOUND], foreignWrite: NOT_FOUND },
    { access: 'ANYONE_WITH_ID_CAN_READ', byId: ['200', '200'], byName: [HIDDEN, NOT_FOUND], foreignWrite: DENIED },
    { access: 'ANYONE_WITH_NAME_CAN_READ', byId: ['200', '200'], byName: ['200', '200'], foreignWrite: DENIED },
  ])('$access lets in whom it says', async ({ access, byId, byName, foreignWrite }) => {
    await using server = await serve(open());
    const id = await newStore(server, access);
    const { token } = await server.addUser('foreigner');
    const { token: reader } = await server.addToken({ scope: 'read' });
    const ask = async (path: string, as: string | null | undefined, init: RequestInit = {}): Promise<string> =>
      outcome(await server.request(`${STORES}/${path}`, { ...init, ...(as !== undefined && { token: as }) }));
    for (const tail of ['', '/keys', '/records', '/records/a']) {
      expect([await ask(id + tail, null), await ask(id + tail, token)]).toEqual(byId);
      expect([await ask(`admin~private${tail}`, null), await ask(`admin~private${tail}`, token)]).toEqual(byName);
      expect(await ask(id + tail, undefined)).toBe('200');
      expect(await ask(id + tail, reader)).toBe('200');
    }
    const writes: [path: string, init: RequestInit][] = [
      [id, { method: 'PUT', body: '{"title":"stolen"}' }],
      [id, { method: 'DELETE' }],
      [`${id}/records/a`, { method: 'PUT', body: 'x' }],
      [`${id}/records/a`, { method: 'POST', body: 'x' }],
      [`${id}/records/a`, { method: 'DELETE' }],
    ];
    for (const [path, init] of writes) {
      expect(await ask(path, null, init)).toBe(NO_TOKEN);
      expect(await ask(path, token, init)).toBe(foreignWrite);
      expect(await ask(path, reader, init)).toBe(DENIED);
    }
    expect(await (await server.request(`${STORES}/${id}/records/a`)).text()).toBe('"a"');
    const head = await server.request(`${STORES}/${id}/records/a`, { method: 'HEAD', token: null });
    expect(head.status).toBe(byId[0] === '200' ? 200 : 404);
  });

  it('follows the default that the server is given', async () => {
    await using server = await serve(open(), { defaultAccess: 'ANYONE_WITH_ID_CAN_READ' });
    const id = await newStore(server);
    expect((await server.request(`${STORES}/${id}/records/a`, { token: null })).status).toBe(200);
    await server.json('PUT', `${STORES}/${id}`, { generalAccess: 'RESTRICTED' });
    expect((await server.request(`${STORES}/${id}/records/a`, { token: null })).status).toBe(404);
  });

  it('answers alike for stores that do not exist and stores that are not open', async () => {
    await using server = await serve(open());
    const id = await newStore(server);
    const { token } = await server.addUser('foreigner');
    for (const as of [null, token]) {
      for (const tail of [
        '',
        '/keys',
        '/records/a',
        '/records/missing',
        '/keys?signature=x',
        '/records/a?signature=x',
      ]) {
        const answers = [];
        for (const store of [id, 'AAAAAAAAAAAAAAAAA']) {
          const response = await server.request(`${STORES}/${store}${tail}`, { token: as });
          const headers = [...response.headers].filter(([name]) => name !== 'date');
          answers.push([response.status, headers, await response.text()]);
        }
        expect(answers[0]).toEqual(answers[1]);
      }
    }
  });

  it('tells the signing key to writers only', async () => {
    await using server = await serve(open());
    const id = await newStore(server, 'ANYONE_WITH_ID_CAN_READ');
    const { token: reader } = await server.addToken({ scope: 'read' });
    const { token: foreign } = await server.addUser('foreigner');
    expect(await server.json('GET', `${STORES}/${id}`)).toHaveProperty('urlSigningSecretKey');
    for (const token of [null, reader, foreign]) {
      const text = await (await server.request(`${STORES}/${id}`, { token })).text();
      expect(text).not.toContain('urlSigningSecretKey');
      expect(text).not.toContain('signature');
    }
  });
});

describe.each(backends)('users on $name', ({ open }) => {
  it('have names of their own', async () => {
    await using server = await serve(open());
    const ann = await server.addUser('ann');
    const long = `${'long-'.repeat(12)}abc`;
    expect(long).toHaveLength(63);
    for (const name of ['same', long]) {
      const own = await server.json('POST', `${STORES}?name=${name}`);
      const created = await server.request(`${STORES}?name=${name}`, { method: 'POST', token: ann.token });
      expect(created.status).toBe(201);
      const { data } = (await created.json()) as { data: Record<string, unknown> };
      expect(data).toMatchObject({ name, username: 'ann', userId: ann.id });
      expect(data['id']).not.toBe(own['id']);
      const again = await server.request(`${STORES}?name=${name}`, { method: 'POST', token: ann.token });
      expect([again.status, ((await again.json()) as { data: object }).data]).toMatchObject([
        200,
        { id: data['id'], name },
      ]);
      const found = await server.request(`${STORES}/ann~${name}`, { token: ann.token });
      expect(await found.json()).toMatchObject({ data: { id: data['id'], name } });
    }
    const list = async (token?: string): Promise<unknown> => {
      const response = await server.request(`${STORES}?unnamed=1`, token === undefined ? {} : { token });
      const { data } = (await response.json()) as { data: { items: { name: string }[] } };
      return data.items.map(({ name }) => name).toSorted();
    };
    expect(await list(ann.token)).toEqual([long, 'same']);
    expect(await list()).toEqual([long, 'same']);
  });

  it('rename to long names and lose them', async () => {
    await using server = await serve(open());
    const ann = await server.addUser('ann');
    const ask = async (method: string, path: string, body?: object): Promise<Record<string, unknown>> => {
      const response = await server.request(path, {
        method,
        token: ann.token,
        ...(body && { body: JSON.stringify(body) }),
      });
      return ((await response.json()) as { data: Record<string, unknown> }).data;
    };
    const { id } = await ask('POST', `${STORES}?name=short`);
    const name = 'n'.repeat(63);
    expect(await ask('PUT', `${STORES}/${String(id)}`, { name })).toMatchObject({ id, name });
    expect(await ask('GET', `${STORES}/~${name}`)).toMatchObject({ id, name });
    expect(await ask('PUT', `${STORES}/${String(id)}`, { title: 'still' })).toMatchObject({ name, title: 'still' });
    expect(await ask('PUT', `${STORES}/${String(id)}`, { name: null })).toMatchObject({ id, name: null });
    expect(await ask('PUT', `${STORES}/${String(id)}`, { name: 'short' })).toMatchObject({ id, name: 'short' });
  });

  it('cannot reach what the server keeps for itself', async () => {
    await using server = await serve(open());
    const info = await server.backend.findKeyValueStore({ name: 'kv-server-data' });
    for (const path of [info!.id, '~kv-server-data', 'admin~kv-server-data']) {
      expect((await server.request(`${STORES}/${path}`)).status).toBe(404);
      expect((await server.request(`${STORES}/${path}/records/signing-secret`)).status).toBe(404);
      expect((await server.request(`${STORES}/${path}`, { method: 'DELETE' })).status).toBe(404);
    }
    const created = await server.request(`${STORES}?name=kv-server-data`, { method: 'POST' });
    expect(await outcome(created)).toBe('400 invalid-value');
    const { id } = await server.json('POST', `${STORES}?name=mine`);
    const renamed = await server.request(`${STORES}/${String(id)}`, { method: 'PUT', body: '{"name":"kv-server-x"}' });
    expect(await outcome(renamed)).toBe('400 invalid-value');
  });

  it('get back a long name that was not written down', async () => {
    await using server = await serve(open());
    const ann = await server.addUser('ann');
    const name = 'n'.repeat(63);
    const ask = async (): Promise<unknown> =>
      (await server.request(`${STORES}?name=${name}`, { method: 'POST', token: ann.token })).json();
    const { data } = (await ask()) as { data: { id: string } };
    const own = await server.backend.openKeyValueStore({ name: 'kv-server-data' });
    await own.deleteRecord(`store.${data.id}`);
    expect(await ask()).toMatchObject({ data: { id: data.id, name } });
  });

  it('have one store for a run that several requests are the first to name', async () => {
    await using server = await serve(open());
    const runs = await Promise.all(Array.from({ length: 6 }, () => server.json('GET', '/v2/actor-runs/run-1')));
    const ids = new Set(runs.map(({ defaultKeyValueStoreId }) => defaultKeyValueStoreId));
    const { items } = await server.json('GET', `${STORES}?unnamed=1`);
    expect(items).toMatchObject([...ids].map((id) => ({ id })));
    expect(ids.size).toBe(1);
  });

  it('have runs of their own, even of one id', async () => {
    await using server = await serve(open());
    const users = [await server.addUser('ann'), await server.addUser('bob'), await server.addUser('cid')];
    const askAs = async (token: string, path: string, init: RequestInit = {}): Promise<Response> =>
      server.request(path, { ...init, token });
    const runOf = async (token: string): Promise<Record<string, unknown>> =>
      ((await (await askAs(token, '/v2/actor-runs/same')).json()) as { data: Record<string, unknown> }).data;
    const runs = await Promise.all(users.flatMap(({ token }) => [runOf(token), runOf(token)]));
    expect(runs.map(({ userId }) => userId)).toEqual(users.flatMap(({ id }) => [id, id]));
    expect(new Set(runs.map(({ defaultKeyValueStoreId }) => defaultKeyValueStoreId)).size).toBe(3);
    for (const { username, token } of users) {
      const record = '/v2/actor-runs/same/key-value-store/records/who';
      expect((await askAs(token, record, { method: 'PUT', body: username })).status).toBe(201);
      const body = JSON.stringify({ statusMessage: `of ${username}` });
      expect((await askAs(token, '/v2/actor-runs/same', { method: 'PUT', body })).status).toBe(200);
    }
    for (const { username, token } of users) {
      for (const path of ['actor-runs/same', 'acts/x/runs/last']) {
        expect(await (await askAs(token, `/v2/${path}/key-value-store/records/who`)).text()).toBe(username);
      }
      expect(await runOf(token)).toMatchObject({ statusMessage: `of ${username}` });
    }
  });

  it('find the last run without a look at all others', async () => {
    await using server = await serve(open());
    for (const id of ['a', 'c', 'b']) await server.json('GET', `/v2/actor-runs/${id}`);
    const { defaultKeyValueStoreId } = await server.json('GET', '/v2/actor-runs/b');
    const data = await server.backend.openKeyValueStore({ name: 'kv-server-data' });
    const reads = vi.spyOn(data, 'getRecord');
    const last = await server.json('GET', '/v2/acts/x/runs/last/key-value-store?status=RUNNING');
    expect(last).toMatchObject({ id: defaultKeyValueStoreId });
    expect(reads.mock.calls.map(([key]) => key).filter((key) => key.startsWith('run.'))).toEqual([
      expect.stringMatching(/^run\.b!/),
    ]);
    const failed = await server.request('/v2/acts/x/runs/last/key-value-store?status=FAILED');
    expect(failed.status).toBe(404);
  });

  it('have a new store for a run whose store was dropped', async () => {
    await using server = await serve(open());
    const { defaultKeyValueStoreId: first } = await server.json('GET', '/v2/actor-runs/run-1');
    await server.request(`${STORES}/${String(first)}`, { method: 'DELETE' });
    const runs = await Promise.all(Array.from({ length: 6 }, () => server.json('GET', '/v2/actor-runs/run-1')));
    const ids = new Set(runs.map(({ defaultKeyValueStoreId }) => defaultKeyValueStoreId));
    const { items } = await server.json('GET', `${STORES}?unnamed=1`);
    expect(items).toMatchObject([...ids].map((id) => ({ id })));
    expect(ids).not.toContain(first);
    const put = await server.request('/v2/actor-runs/run-1/key-value-store/records/a', { method: 'PUT', body: 'x' });
    expect([ids.size, put.status]).toEqual([1, 201]);
  });

  it('find a store again that another program has dropped and made anew', async () => {
    await using server = await serve(open());
    const make = async (): Promise<void> => {
      const store = await server.backend.openKeyValueStore({});
      await store.setRecord({ key: 'a', value: new Uint8Array(1), contentType: 'x/y' });
    };
    const status = async (): Promise<number> => (await server.request(`${STORES}/default/records/a`)).status;
    await make();
    expect(await status()).toBe(200);
    await (await server.backend.openKeyValueStore({})).drop();
    expect(await status()).toBe(404);
    await make();
    expect(await status()).toBe(200);
  });

  it('lose a token when it expires', async () => {
    await using server = await serve(open());
    const { token: expired } = await server.addToken({ scope: 'write', expiresAt: new Date(Date.now() - 1) });
    expect(await outcome(await server.request(STORES, { token: expired }))).toBe('401 user-or-token-not-found');
    const { token: valid } = await server.addToken({ scope: 'write', expiresAt: new Date(Date.now() + 600_000) });
    expect((await server.request(STORES, { token: valid })).status).toBe(200);
  });
});

describe.each(backends)('tokens on $name', ({ open }) => {
  it('are refused at once when they are revoked, and a moment later when another server has done it', async () => {
    await using server = await serve(open());
    await using other = await serve(server.backend);
    const { token, id } = await server.addToken({ scope: 'write' });
    const outcomes = async (): Promise<string[]> =>
      Promise.all([server, other].map(async (each) => outcome(await each.request(STORES, { token }))));
    expect(await outcomes()).toEqual(['200', '200']);
    expect(await server.tokens.revoke(id)).toBe(true);
    expect(await server.tokens.identify(token)).toBeUndefined();
    const refused = '401 user-or-token-not-found';
    await expect.poll(outcomes, { interval: 20, timeout: 5000 }).toEqual([refused, refused]);
    expect(await server.tokens.revoke(id)).toBe(false);
  });

  it('are refused at once even by a look that began before they were revoked', async () => {
    await using server = await serve(open());
    const { token, id } = await server.addToken({ scope: 'write' });
    const revoked = server.tokens.revoke(id);
    const looks = Array.from({ length: 20 }, async () => {
      await revoked;
      return server.tokens.identify(token);
    });
    const before = server.tokens.identify(token);
    expect(await Promise.all(looks)).toEqual(looks.map(() => undefined));
    await before;
    expect(await server.tokens.identify(token)).toBeUndefined();
  });

  it('allow what their scope says', async () => {
    await using server = await serve(open());
    const id = await newStore(server);
    const requests: [method: string, path: string, body?: string][] = [
      ['GET', `${STORES}/${id}/records/a`],
      ['GET', `${STORES}/${id}/keys`],
      ['GET', STORES],
      ['PUT', `${STORES}/${id}/records/b`, 'b'],
      ['DELETE', `${STORES}/${id}/records/b`],
      ['POST', `${STORES}?name=new`],
      ['PUT', '/v2/actor-runs/run-1', '{}'],
      ['PUT', `${STORES}/${id}`, '{"title":"changed"}'],
      ['DELETE', `${STORES}/${id}`],
    ];
    const statuses = async (scope: 'read' | 'write' | 'manage'): Promise<number[]> => {
      const { token } = await server.addToken({ scope });
      const all: number[] = [];
      for (const [method, path, body] of requests) {
        all.push((await server.request(path, { method, token, ...(body !== undefined && { body }) })).status);
      }
      return all;
    };
    expect(await statuses('read')).toEqual([200, 200, 200, 403, 403, 403, 403, 403, 403]);
    expect(await statuses('write')).toEqual([200, 200, 200, 201, 204, 201, 200, 403, 403]);
    expect(await server.json('GET', `${STORES}/${id}`)).not.toHaveProperty('title');
    expect(await statuses('manage')).toEqual([200, 200, 200, 201, 204, 200, 200, 200, 204]);
  });

  it('of one store know of no other', async () => {
    await using server = await serve(open());
    const id = await newStore(server);
    const { id: other } = await server.json('POST', `${STORES}?name=other`);
    await server.request(`${STORES}/${String(other)}/records/a`, { method: 'PUT', body: '"a"' });
    const { token } = await server.addToken({ scope: 'manage', storeIds: [id] });
    const ask = async (method: string, path: string, body?: string): Promise<string> =>
      outcome(await server.request(path, { method, token, ...(body !== undefined && { body }) }));
    for (const path of [id, '~private', 'admin~private']) {
      expect(await ask('GET', `${STORES}/${path}/records/a`)).toBe('200');
      expect(await ask('PUT', `${STORES}/${path}/records/b`, 'b')).toBe('201');
    }
    for (const path of [String(other), '~other', 'admin~other']) {
      for (const tail of ['', '/keys', '/records', '/records/a']) {
        expect(await ask('GET', `${STORES}/${path}${tail}`)).toBe(NOT_FOUND);
      }
      expect(await ask('PUT', `${STORES}/${path}/records/b`, 'b')).toBe(NOT_FOUND);
      expect(await ask('PUT', `${STORES}/${path}`, '{}')).toBe(NOT_FOUND);
      expect(await ask('DELETE', `${STORES}/${path}`)).toBe(NOT_FOUND);
    }
    expect(await ask('POST', `${STORES}?name=new`)).toBe(DENIED);
    expect(await ask('POST', `${STORES}?name=other`)).toBe(DENIED);
    expect(await ask('GET', '/v2/actor-runs/new-run')).toBe(NOT_FOUND);
    expect(await ask('PUT', '/v2/actor-runs/new-run', '{}')).toBe(DENIED);
    const listed = await server.request(`${STORES}?unnamed=1`, { token });
    expect(await listed.json()).toMatchObject({ data: { total: 1, items: [{ id }] } });
    await server.json('PUT', `${STORES}/${String(other)}`, { generalAccess: 'ANYONE_WITH_ID_CAN_READ' });
    expect(await ask('GET', `${STORES}/${String(other)}/records/a`)).toBe('200');
    expect(await ask('PUT', `${STORES}/${String(other)}/records/b`, 'b')).toBe(DENIED);
    await server.json('GET', '/v2/actor-runs/run-1');
    expect(await ask('GET', '/v2/actor-runs/run-1')).toBe(NOT_FOUND);
    expect(await ask('GET', '/v2/actor-runs/run-1/key-value-store')).toBe(NOT_FOUND);
    const { id: runStore } = await server.json('GET', '/v2/actor-runs/run-1/key-value-store');
    await server.json('PUT', `${STORES}/${String(runStore)}`, { generalAccess: 'ANYONE_WITH_ID_CAN_READ' });
    expect(await ask('GET', '/v2/actor-runs/run-1/key-value-store')).toBe('200');
    expect(await ask('GET', '/v2/acts/x/runs/last/key-value-store')).toBe(NOT_FOUND);
    expect(await ask('DELETE', `${STORES}/${id}`)).toBe('204');
  });
});

describe.each(backends)('tokens that may not create on $name', ({ open }) => {
  it('open by name what there is and they may read, and nothing else', async () => {
    await using server = await serve(open());
    const id = await newStore(server);
    await server.json('POST', `${STORES}?name=other`);
    const stranger = await server.addUser('stranger', { scope: 'read' });
    const post = async (query: string, token: string): Promise<Response> =>
      server.request(`${STORES}${query}`, { method: 'POST', token });
    const kinds = [
      { scope: 'read' },
      { scope: 'read', storeIds: [id] },
      { scope: 'write', storeIds: [id] },
      { scope: 'manage', storeIds: [id] },
    ] as const;
    for (const kind of kinds) {
      const { token } = await server.addToken(kind);
      const opened = await post('?name=private', token);
      expect(opened.status).toBe(200);
      const { data } = (await opened.json()) as { data: object };
      const { data: got } = (await (await server.request(`${STORES}/${id}`, { token })).json()) as { data: object };
      expect(Object.keys(data)).toEqual(Object.keys(got));
      expect(data).toMatchObject({ id, name: 'private', username: 'admin' });
      expect('urlSigningSecretKey' in data).toBe(kind.scope !== 'read');
      expect(JSON.stringify(data).includes('signature=')).toBe(kind.scope !== 'read');
      const other = await outcome(await post('?name=other', token));
      expect(other).toBe('storeIds' in kind ? DENIED : '200');
      for (const query of ['', '?name=', '?name=new', '?name=not/legal', '?name=kv-server-data', `?name=${id}`]) {
        expect([query, await outcome(await post(query, token))]).toEqual([query, DENIED]);
      }
    }
    expect(await outcome(await post('?name=private', stranger.token))).toBe(DENIED);
    const { total } = await server.json('GET', `${STORES}?unnamed=1`);
    expect(total).toBe(2);
  });
});

describe('tokens', () => {
  it('are stored as hashes', async () => {
    await using server = await serve();
    const { token } = await server.addToken({ scope: 'write' });
    expect(token).toMatch(/^kv_[\w-]{43}$/);
    const { id } = (await server.backend.findKeyValueStore({ name: 'kv-server-data' }))!;
    const store = await server.backend.openKeyValueStore({ id });
    const { items } = await store.listKeys();
    const values = await Promise.all(
      items.map(async ({ key }) => Buffer.from((await store.getRecord(key))!.value).toString()),
    );
    expect([...items.map(({ key }) => key), ...values].join('\n')).not.toContain(token);
  });

  it('are taken from the header and from the query', async () => {
    await using server = await serve();
    const { token } = await server.addToken({ scope: 'read' });
    expect((await server.request(`${STORES}?token=${token}`, { token: null })).status).toBe(200);
    expect((await server.request(STORES, { token: null, headers: { authorization: `bearer ${token}` } })).status).toBe(
      200,
    );
    expect((await server.request(STORES, { token: null, headers: { authorization: 'Basic eDp5' } })).status).toBe(401);
    expect((await server.request(STORES, { token: null, headers: { authorization: '' } })).status).toBe(401);
  });

  it('are not needed where the server is told so', async () => {
    await using server = await serve(undefined, { allowAnonymous: true });
    const response = await server.request(`${STORES}?name=open`, { method: 'POST', token: null });
    expect(response.status).toBe(201);
    expect((await server.request(STORES, { token: 'wrong' })).status).toBe(401);
    const status = async (headers: Record<string, string>): Promise<number> =>
      (await server.request(STORES, { token: null, headers })).status;
    expect(await status({ origin: 'http://localhost:5173' })).toBe(200);
    for (const headers of [
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { 'sec-fetch-site': 'cross-site' },
    ]) {
      expect(await status(headers)).toBe(401);
    }
  });
});
