import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { apiError, connect, scriptedServer, STORE_ID } from './scripted-server.js';
import type { Answer, SeenRequest } from './scripted-server.js';

const RECORD = { key: 'key', value: new Uint8Array([1]), contentType: 'image/png' };

/** Opens a store whose server answers everything about records in one way. */
async function openStore(answer: (request: SeenRequest) => Answer | undefined, token: string | undefined = 'secret') {
  const server = await scriptedServer((request) => {
    if (request.url === '/') return { body: { capabilities: { conditionalWrites: true } } };
    return /records|keys/.test(request.url.slice(STORE_ID.length)) ? answer(request) : undefined;
  });
  const backend = await connect(server, { token, tokenSource: token && 'APIFY_TOKEN' });
  const store = await backend.openKeyValueStore({ id: STORE_ID });
  server.seen.length = 0;
  return { store, seen: server.seen, url: server.url };
}

describe('what is refused', () => {
  it('names the variable of a token that is not valid, and never the token', async () => {
    const { store, url } = await openStore(() => apiError(401, 'user-or-token-not-found', 'User was not found'));
    await expect(store.getRecord('key')).rejects.toMatchObject({
      code: 'KV_ACCESS_DENIED',
      message: `Could not read the record "key" of the key-value store ${STORE_ID}: ${url} answered 401 user-or-token-not-found, "User was not found". The token of APIFY_TOKEN is not one of its tokens: give it another.`,
      details: { id: STORE_ID, key: 'key', location: url, status: 401, type: 'user-or-token-not-found' },
    });
  });

  it.each([401, 403, 404, 500])('shows no token when an error is printed: %i', async (status) => {
    const { store } = await openStore(() => apiError(status, 'page-not-found'), 'a-very-secret-token');
    const error: unknown = await store.getRecord('key').catch((caught: unknown) => caught);
    expect(inspect(error, { depth: 20, showHidden: true })).toContain(STORE_ID);
    expect(inspect(error, { depth: 20, showHidden: true })).not.toContain('secret');
  });

  it('is a failure of the place when the backend of the server is closed', async () => {
    const { store } = await openStore(() => apiError(503, 'operation-canceled'));
    await expect(store.getRecord('key')).rejects.toMatchObject({ code: 'KV_BACKEND_FAILED' });
  });

  it.each([
    ['getRecord', 'read'],
    ['setRecord', 'write'],
    ['deleteRecord', 'write'],
  ] as const)('names the right that is missing: %s', async (method, right) => {
    const { store } = await openStore(() => apiError(403, 'insufficient-permissions'));
    const operation = method === 'setRecord' ? store.setRecord(RECORD) : store[method]('key');
    await expect(operation).rejects.toMatchObject({
      code: 'KV_ACCESS_DENIED',
      message: expect.stringContaining(`The token of APIFY_TOKEN lacks the right to ${right} it`),
    });
  });

  it('says that no token was given', async () => {
    const server = await scriptedServer(({ url }) => (url === '/' ? {} : apiError(401, 'token-not-provided')));
    const backend = await connect(server, { token: undefined });
    await expect(backend.openKeyValueStore({ name: 'a' })).rejects.toMatchObject({
      code: 'KV_ACCESS_DENIED',
      message: expect.stringContaining('No token was given: set APIFY_TOKEN, or pass the option "token".'),
    });
    expect(server.seen[0]?.headers.authorization).toBeUndefined();
  });

  const codes: readonly [number, string, string][] = [
    [400, 'invalid-record-key', 'KV_KEY_INVALID'],
    [400, 'invalid-content-type-header', 'KV_CONTENT_TYPE_INVALID'],
    [400, 'schema-validation-error', 'KV_VALUE_INVALID'],
    [400, 'some-new-type', 'KV_BACKEND_FAILED'],
    [413, 'record-too-large', 'KV_BACKEND_FAILED'],
    [507, 'limit-reached', 'KV_STORAGE_FULL'],
  ];

  it.each(codes)('%i %s is %s, and is not tried again', async (status, type, code) => {
    const { store, seen } = await openStore(({ method }) => (method === 'PUT' ? apiError(status, type) : {}));
    await expect(store.setRecord(RECORD)).rejects.toMatchObject({ code, details: { status, type } });
    expect(seen.filter(({ method }) => method === 'PUT')).toHaveLength(1);
  });
});

describe('what is not there', () => {
  it('is a record, when the store is there', async () => {
    const { store, seen } = await openStore(() => apiError(404, 'record-not-found'));
    expect(await store.getRecord('key')).toBeUndefined();
    expect(await store.getRecordInfo('key')).toBeUndefined();
    expect(await store.getRecordStream('key')).toBeUndefined();
    expect(await store.deleteRecord('key')).toBeUndefined();
    expect(seen.filter(({ url }) => url.endsWith(STORE_ID))).toHaveLength(4);
  });

  it.each(['record-not-found', 'record-or-token-not-found'])('is the store, when that is not: %s', async (type) => {
    let isThere = true;
    const server = await scriptedServer(() => (isThere ? undefined : apiError(404, type)));
    const backend = await connect(server);
    const store = await backend.openKeyValueStore({ name: 'records' });
    isThere = false;
    for (const operation of [
      () => store.getRecord('key'),
      () => store.getRecordInfo('key'),
      () => store.deleteRecord('key'),
      () => store.setRecord(RECORD),
      () => store.listKeys(),
    ]) {
      await expect(operation()).rejects.toMatchObject({ code: 'KV_STORAGE_NOT_FOUND', details: { id: STORE_ID } });
    }
    expect(await backend.findKeyValueStore({ id: STORE_ID })).toBeUndefined();
  });

  it('is neither, when there is no such route', async () => {
    const { store } = await openStore(() => apiError(404, 'page-not-found'));
    await expect(store.getRecord('key')).rejects.toMatchObject({
      code: 'KV_BACKEND_FAILED',
      message: expect.stringContaining('look whether the base URL is that of a storage API'),
    });
  });

  it('is a storage API, when the answer is of another kind', async () => {
    const { store } = await openStore(() => ({ body: '<html>Welcome</html>' }));
    await expect(store.listKeys()).rejects.toMatchObject({
      code: 'KV_BACKEND_FAILED',
      message: expect.stringContaining('is not of the storage API'),
    });
  });
});

describe('what is sent once', () => {
  it.each([
    [500, 'internal-server-error', 1],
    [502, 'bad-gateway', 1],
    [503, 'operation-canceled', 1],
    [503, 'concurrent-update-detected', 3],
    [429, 'rate-limit-exceeded', 3],
  ])('a write with a condition, when the server answers %i %s: %i times', async (status, type, times) => {
    const { store, seen } = await openStore(() => apiError(status, type));
    const condition = { ifMatch: 'abc', ifNoneMatch: '*' };
    await expect(store.setRecord(RECORD, condition)).rejects.toThrow(`${status}`);
    expect(seen).toHaveLength(times);
    expect(seen[0]?.headers).toMatchObject({ 'if-match': '"abc"', 'if-none-match': '*' });
    await expect(store.deleteRecord('key', condition)).rejects.toThrow(`${status}`);
    expect(seen).toHaveLength(2 * times);
    await expect(store.setRecord(RECORD)).rejects.toThrow(`${status}`);
    expect(seen).toHaveLength(2 * times + 3);
  });

  it('tells with a condition that was not met the etag that the record has', async () => {
    const { store } = await openStore(({ method }) =>
      method === 'HEAD' ? { headers: { etag: '"now"', 'content-length': '1' } } : apiError(412, 'precondition-failed'),
    );
    await expect(store.setRecord(RECORD, { ifMatch: 'then' })).rejects.toMatchObject({
      code: 'KV_PRECONDITION_FAILED',
      details: { key: 'key', etag: 'now', ifMatch: 'then' },
    });
  });
});
