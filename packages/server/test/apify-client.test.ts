import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { ApifyApiError, ApifyClient } from 'apify-client';
import { describe, expect, it } from 'vitest';
import { backends, serve, TOKEN } from './serve.js';
import type { TestServer } from './serve.js';

function clientOf(server: TestServer, token: string | undefined = TOKEN): ApifyClient {
  return new ApifyClient({ baseUrl: server.url, publicBaseUrl: server.url, ...(token && { token }), maxRetries: 1 });
}

/** Reads the names of the members that the declarations of the client give an interface. */
function optionsOf(file: string, name: string): string[] {
  const path = join(import.meta.dirname, '../node_modules/apify-client/dist/resource_clients', file);
  const [, body = ''] = new RegExp(`interface ${name}[^{]*\\{(.*?)^\\}`, 'ms').exec(readFileSync(path, 'utf8')) ?? [];
  return [...body.matchAll(/^ {4}(\w+)\??:/gm)].map(([, member = '']) => member);
}

describe('apify-client', () => {
  it('has no methods and options beyond those that are driven here', () => {
    const client = new ApifyClient();
    const methodsOf = (resource: object): string[] =>
      Object.getOwnPropertyNames(Object.getPrototypeOf(resource)).toSorted();
    expect(methodsOf(client.keyValueStores())).toEqual(['constructor', 'getOrCreate', 'list']);
    expect(methodsOf(client.keyValueStore('id'))).toEqual([
      'constructor',
      'createKeysPublicUrl',
      'delete',
      'deleteRecord',
      'get',
      'getRecord',
      'getRecordPublicUrl',
      'listKeys',
      'recordExists',
      'setRecord',
      'update',
    ]);
    const [store, stores] = ['key_value_store.d.ts', 'key_value_store_collection.d.ts'] as const;
    const listKeys = ['limit', 'exclusiveStartKey', 'collection', 'prefix', 'signature'];
    expect(optionsOf(store, 'KeyValueClientUpdateOptions')).toEqual(['name', 'title', 'generalAccess']);
    expect(optionsOf(store, 'KeyValueClientListKeysOptions')).toEqual(listKeys);
    expect(optionsOf(store, 'KeyValueClientCreateKeysUrlOptions')).toEqual(['expiresInSecs']);
    expect(optionsOf(store, 'KeyValueClientGetRecordOptions')).toEqual(['buffer', 'stream', 'signature']);
    expect(optionsOf(store, 'KeyValueStoreRecordOptions')).toEqual(['timeoutSecs', 'doNotRetryTimeouts']);
    expect(optionsOf(stores, 'KeyValueStoreCollectionClientListOptions')).toEqual(['unnamed', 'desc', 'ownership']);
    expect(optionsOf(stores, 'KeyValueStoreCollectionClientGetOrCreateOptions')).toEqual(['schema']);
  });
});

describe.each(backends)('apify-client on $name', ({ open }) => {
  describe('collection', () => {
    it('opens by name with a token that may only read', async () => {
      await using server = await serve(open());
      const own = await clientOf(server).keyValueStores().getOrCreate('Pictures');
      const { token } = await server.addToken({ scope: 'read' });
      const stores = clientOf(server, token).keyValueStores();
      expect(await stores.getOrCreate('Pictures')).toMatchObject({ id: own.id, name: 'Pictures' });
      await expect(stores.getOrCreate('Missing')).rejects.toMatchObject({ statusCode: 403 });
    });

    it('creates a store once, and finds it by name', async () => {
      await using server = await serve(open());
      const stores = clientOf(server).keyValueStores();
      const created = await stores.getOrCreate('Pictures');
      expect(created).toMatchObject({ name: 'Pictures', username: 'admin', generalAccess: 'FOLLOW_USER_SETTING' });
      expect(created.id).toMatch(/^[a-zA-Z0-9]{17}$/);
      expect(created.createdAt).toBeInstanceOf(Date);
      const again = await stores.getOrCreate('Pictures');
      expect(again.id).toBe(created.id);
      expect((await clientOf(server).keyValueStore('~Pictures').get())?.id).toBe(created.id);
      expect((await clientOf(server).keyValueStore('admin/Pictures').get())?.id).toBe(created.id);
    });

    it('creates one store when many ask for a new name at once', async () => {
      await using server = await serve(open());
      const stores = clientOf(server).keyValueStores();
      const created = await Promise.all(Array.from({ length: 20 }, () => stores.getOrCreate('together')));
      expect(new Set(created.map(({ id }) => id)).size).toBe(1);
      expect((await stores.list()).total).toBe(1);
    });

    it('creates an unnamed store each time', async () => {
      await using server = await serve(open());
      const stores = clientOf(server).keyValueStores();
      const [a, b] = [await stores.getOrCreate(), await stores.getOrCreate()];
      expect(a.id).not.toBe(b.id);
      expect(a.name).toBeNull();
      expect(await stores.list()).toMatchObject({ total: 0, items: [] });
      const { items } = await stores.list({ unnamed: true });
      // The command line of Apify reads `stats.s3StorageBytes` of every item.
      expect(items.map(({ stats }) => stats)).toEqual([{}, {}]);
      expect(items.map(({ id }) => id).toSorted()).toEqual([a.id, b.id].toSorted());
    });

    it('lists in pages, from either end', async () => {
      await using server = await serve(open());
      const stores = clientOf(server).keyValueStores();
      for (let n = 0; n < 5; n += 1) await stores.getOrCreate(`store-${n}`);
      const all = (await stores.list()).items.map(({ id }) => id);
      expect(await stores.list({ offset: 1, limit: 2 })).toMatchObject({
        total: 5,
        offset: 1,
        limit: 2,
        count: 2,
        desc: false,
      });
      expect((await stores.list({ offset: 1, limit: 2 })).items.map(({ id }) => id)).toEqual(all.slice(1, 3));
      expect((await stores.list({ desc: true, limit: 1 })).items.map(({ id }) => id)).toEqual(all.slice(-1));
      expect((await stores.list({ ownership: 'sharedWithMe' as never })).total).toBe(0);
      const owned = await stores.list({ ownership: 'ownedByMe' as never });
      expect(owned.items.map(({ id }) => id)).toEqual(all);
      expect(owned.unnamed).toBe(false);
      const walked: string[] = [];
      for await (const { id } of stores.list({ limit: 3 })) walked.push(id);
      expect(walked).toEqual(all.slice(0, 3));
    });

    it('takes a schema, and refuses what is none', async () => {
      await using server = await serve(open());
      const stores = clientOf(server).keyValueStores();
      const schema = {
        actorKeyValueStoreSchemaVersion: 1,
        title: 'Results',
        collections: {
          pages: { title: 'Pages', keyPrefix: 'page-', contentTypes: ['text/html'] },
          summary: {
            title: 'Summary',
            key: 'SUMMARY',
            contentTypes: ['application/json'],
            jsonSchema: { type: 'object', properties: { count: { type: 'integer' } }, required: ['count'] },
          },
        },
      };
      const { id } = await stores.getOrCreate('with-schema', { schema });
      const store = clientOf(server).keyValueStore(id);
      expect((await store.get()) as object).toMatchObject({ schema });
      await store.setRecord({ key: 'page-1', value: '<p>1</p>', contentType: 'text/html' });
      await store.setRecord({ key: 'page-2', value: '<p>2</p>', contentType: 'text/html' });
      await store.setRecord({ key: 'other', value: 'x' });
      await store.setRecord({ key: 'SUMMARY', value: { count: 2 } });
      await expect(store.setRecord({ key: 'page-3', value: 'x', contentType: 'text/plain' })).rejects.toMatchObject({
        statusCode: 400,
        type: 'schema-validation-error',
      });
      const error = await store.setRecord({ key: 'SUMMARY', value: { count: 'two' } }).catch((e: unknown) => e);
      expect(error).toMatchObject({
        type: 'schema-validation-error',
        data: { validationErrors: expect.arrayContaining([expect.objectContaining({ instancePath: '/count' })]) },
      });
      expect((await store.getRecord('SUMMARY'))?.value).toEqual({ count: 2 });
      const keys = async (options: object): Promise<string[]> =>
        (await store.listKeys(options)).items.map(({ key }) => key);
      expect(await keys({ collection: 'pages' })).toEqual(['page-1', 'page-2']);
      expect(await keys({ collection: 'pages', prefix: 'page-2' })).toEqual(['page-2']);
      expect(await keys({ collection: 'pages', prefix: 'other' })).toEqual([]);
      expect(await keys({ collection: 'summary' })).toEqual(['SUMMARY']);
      await expect(keys({ collection: 'none' })).rejects.toMatchObject({ type: 'invalid-collection' });
      const broken = { key: 'x', title: 'X', contentTypes: ['application/json'], jsonSchema: { $ref: '#/nowhere' } };
      await expect(stores.getOrCreate('bad', { schema: { ...schema, collections: { broken } } })).rejects.toMatchObject(
        { type: 'store-schema-invalid' },
      );
      await expect(stores.getOrCreate('bad', { schema: { title: 1 } })).rejects.toMatchObject({
        type: 'store-schema-invalid',
      });
    });
  });

  describe('store', () => {
    it('is renamed, titled and opened up, and loses its name', async () => {
      await using server = await serve(open());
      const stores = clientOf(server).keyValueStores();
      const { id, modifiedAt } = await stores.getOrCreate('before');
      const store = clientOf(server).keyValueStore(id);
      await store.setRecord({ key: 'kept', value: 1 });
      expect(
        await store.update({ name: 'after', title: 'A title', generalAccess: 'ANYONE_WITH_ID_CAN_READ' }),
      ).toMatchObject({
        id,
        name: 'after',
        title: 'A title',
        generalAccess: 'ANYONE_WITH_ID_CAN_READ',
      });
      const info = await store.get();
      expect(info).toMatchObject({ name: 'after', title: 'A title' });
      expect(info!.modifiedAt.getTime()).toBeGreaterThanOrEqual(modifiedAt.getTime());
      expect(await clientOf(server).keyValueStore('~before').get()).toBeUndefined();
      expect((await clientOf(server).keyValueStore('~after').getRecord('kept'))?.value).toBe(1);
      await stores.getOrCreate('taken');
      await expect(store.update({ name: 'taken' })).rejects.toMatchObject({ statusCode: 400, type: 'name-not-unique' });
      await expect(store.update({ name: '-bad-' })).rejects.toMatchObject({ statusCode: 400, type: 'invalid-value' });
      expect(await store.update({ generalAccess: null })).toMatchObject({ generalAccess: 'FOLLOW_USER_SETTING' });
      expect(await store.update({ name: null })).toMatchObject({ id, name: null, title: 'A title' });
      expect(await store.update({ name: null })).toMatchObject({ id, name: null });
      expect(await clientOf(server).keyValueStore('~after').get()).toBeUndefined();
      expect((await store.getRecord('kept'))?.value).toBe(1);
      expect((await stores.list()).items.map(({ name }) => name)).toEqual(['taken']);
    });

    it('is deleted, and a second time too', async () => {
      await using server = await serve(open());
      const { id } = await clientOf(server).keyValueStores().getOrCreate('gone');
      const store = clientOf(server).keyValueStore(id);
      await store.setRecord({ key: 'a', value: 1 });
      await store.delete();
      await store.delete();
      expect(await store.get()).toBeUndefined();
      expect(await store.getRecord('a')).toBeUndefined();
      await expect(store.listKeys()).rejects.toMatchObject({ statusCode: 404, type: 'record-not-found' });
      await expect(store.setRecord({ key: 'a', value: 1 })).rejects.toMatchObject({ statusCode: 404 });
      await expect(store.deleteRecord('a')).rejects.toMatchObject({ statusCode: 404 });
      const { id: next } = await clientOf(server).keyValueStores().getOrCreate('gone');
      expect(next).not.toBe(id);
    });

    it('is not found by a bare name, which is what the SDK tries first', async () => {
      await using server = await serve(open());
      await clientOf(server).keyValueStores().getOrCreate('bare');
      expect(await clientOf(server).keyValueStore('bare').get()).toBeUndefined();
      expect(await clientOf(server).keyValueStore('nobody/bare').get()).toBeUndefined();
    });
  });

  describe('records', () => {
    it('keeps values of every type', async () => {
      await using server = await serve(open());
      const { id } = await clientOf(server).keyValueStores().getOrCreate('values');
      const store = clientOf(server).keyValueStore(id);
      const long = 'žluťoučký kůň '.repeat(400);
      const bytes = Buffer.from(Array.from({ length: 5000 }, (_, n) => n % 256));
      const cases: [value: unknown, contentType: string | undefined, read: unknown, readType: string][] = [
        [{ a: [1, 'é', null] }, undefined, { a: [1, 'é', null] }, 'application/json; charset=utf-8'],
        [{ long }, undefined, { long }, 'application/json; charset=utf-8'],
        [null, undefined, null, 'application/json; charset=utf-8'],
        [42, undefined, 42, 'application/json; charset=utf-8'],
        ['text', undefined, 'text', 'text/plain; charset=utf-8'],
        // The client makes nothing of an empty body.
        ['', undefined, undefined, 'text/plain; charset=utf-8'],
        [long, 'text/html', long, 'text/html'],
        ['<a/>', 'application/xml', '<a/>', 'application/xml'],
        [bytes, undefined, bytes, 'application/octet-stream'],
        [bytes, 'image/png', bytes, 'image/png'],
        [new Uint8Array(bytes), 'image/x-own', bytes, 'image/x-own'],
        [Buffer.alloc(0), 'application/pdf', undefined, 'application/pdf'],
      ];
      for (const [value, contentType, read, readType] of cases) {
        await store.setRecord({ key: 'record', value: value as never, ...(contentType && { contentType }) });
        expect(await store.getRecord('record')).toEqual({ key: 'record', value: read, contentType: readType });
        expect(await store.recordExists('record')).toBe(true);
      }
      await store.deleteRecord('record');
      await store.deleteRecord('record');
      expect(await store.getRecord('record')).toBeUndefined();
      expect(await store.recordExists('record')).toBe(false);
    });

    it('streams in and out', async () => {
      await using server = await serve(open());
      const { id } = await clientOf(server).keyValueStores().getOrCreate('streams');
      const store = clientOf(server).keyValueStore(id);
      const chunks = Array.from({ length: 40 }, (_, n) => Buffer.alloc(25_000, n));
      await store.setRecord({ key: 'big', value: Readable.from(chunks) as never, contentType: 'video/mp4' });
      const record = await store.getRecord('big', { stream: true });
      expect(record?.contentType).toBe('video/mp4');
      expect((await buffer(record!.value)).equals(Buffer.concat(chunks))).toBe(true);
    });

    it('gives bytes where they are asked for', async () => {
      await using server = await serve(open());
      const { id } = await clientOf(server).keyValueStores().getOrCreate('buffers');
      const store = clientOf(server).keyValueStore(id);
      for (const value of [{ a: 'é' }, 'text', Buffer.from([0, 255, 1])]) {
        await store.setRecord({ key: 'a', value: value as never });
        const expected = Buffer.isBuffer(value)
          ? value
          : Buffer.from(typeof value === 'string' ? value : JSON.stringify(value, null, 2));
        const record = await store.getRecord('a', { buffer: true });
        expect(Buffer.isBuffer(record?.value)).toBe(true);
        expect(record?.value).toEqual(expected);
        const stream = await store.getRecord('a', { stream: true });
        expect(await buffer(stream!.value)).toEqual(expected);
      }
      expect(await store.getRecord('missing', { buffer: true })).toBeUndefined();
      // The client cannot read the type of an error from a stream, and takes it for another error.
      await expect(store.getRecord('missing', { stream: true })).rejects.toMatchObject({ statusCode: 404 });
    });

    it('takes the options of a write', async () => {
      await using server = await serve(open());
      const { id } = await clientOf(server).keyValueStores().getOrCreate('options');
      const store = clientOf(server).keyValueStore(id);
      await store.setRecord({ key: 'a', value: { b: 1 } }, { timeoutSecs: 30, doNotRetryTimeouts: true });
      expect((await store.getRecord('a'))?.value).toEqual({ b: 1 });
    });

    it('is asked again after a time-out, unless the client says not to', async () => {
      await using server = await serve(open());
      const { id } = await clientOf(server).keyValueStores().getOrCreate('time-outs');
      const silent = await serveSilence();
      const client = new ApifyClient({
        baseUrl: silent.url,
        token: TOKEN,
        maxRetries: 1,
        minDelayBetweenRetriesMillis: 1,
      });
      const write = async (doNotRetryTimeouts: boolean): Promise<number> => {
        const before = silent.count();
        const writing = client
          .keyValueStore(id)
          .setRecord({ key: 'a', value: { b: 1 } }, { timeoutSecs: 0.2, doNotRetryTimeouts });
        await expect(writing).rejects.toThrow(/timeout/i);
        return silent.count() - before;
      };
      expect([await write(true), await write(false)]).toEqual([1, 2]);
      await silent.close();
      const store = clientOf(server).keyValueStore(id);
      await store.setRecord({ key: 'a', value: { b: 2 } }, { timeoutSecs: 30 });
      expect((await store.getRecord('a'))?.value).toEqual({ b: 2 });
    });

    it('comes compressed, and is stored as it was before', async () => {
      const encodings: (string | null)[] = [];
      await using server = await serve(open(), {
        onAsked: ({ headers }) => encodings.push(headers.get('content-encoding')),
      });
      const { id } = await clientOf(server).keyValueStores().getOrCreate('compressed');
      const store = clientOf(server).keyValueStore(id);
      const value = { text: 'žluťoučký kůň '.repeat(400) };
      await store.setRecord({ key: 'a', value });
      expect(encodings).toContain('br');
      expect((await store.getRecord('a'))?.value).toEqual(value);
    });

    it('takes every legal key and refuses the others', async () => {
      await using server = await serve(open());
      const { id } = await clientOf(server).keyValueStores().getOrCreate('keys');
      const store = clientOf(server).keyValueStore(id);
      const keys = ["!-_.'()", 'x'.repeat(256), 'CON', 'a.json', 'A', 'a', '...'];
      for (const key of keys) await store.setRecord({ key, value: key });
      for (const key of keys) expect((await store.getRecord(key))?.value).toBe(key);
      expect((await store.listKeys()).items.map(({ key }) => key)).toEqual(keys.toSorted());
      for (const key of ['a b', 'ž', 'x'.repeat(257), 'a:b', '%', 'a%2Fb']) {
        await expect(store.setRecord({ key, value: 1 })).rejects.toBeInstanceOf(ApifyApiError);
      }
      expect((await store.listKeys()).count).toBe(keys.length);
    });

    it('lists keys in order, in pages, by prefix', async () => {
      await using server = await serve(open());
      const { id } = await clientOf(server).keyValueStores().getOrCreate('listing');
      const store = clientOf(server).keyValueStore(id);
      const keys = ['B', 'a-1', 'a-2', 'a-3', 'b', "'"].toSorted();
      for (const key of keys) await store.setRecord({ key, value: key });
      const first = await store.listKeys({ limit: 2 });
      expect(first).toMatchObject({ count: 2, limit: 2, isTruncated: true, nextExclusiveStartKey: keys[1] });
      expect(first.items[0]).toMatchObject({ key: "'", size: 1 });
      const second = await store.listKeys({ limit: 10, exclusiveStartKey: keys[1]! });
      expect(second.items.map(({ key }) => key)).toEqual(keys.slice(2));
      expect(second).toMatchObject({ isTruncated: false, nextExclusiveStartKey: null, exclusiveStartKey: keys[1] });
      expect((await store.listKeys({ prefix: 'a-' })).items.map(({ key }) => key)).toEqual(['a-1', 'a-2', 'a-3']);
      expect((await store.listKeys({ prefix: 'my-prefix/' })).items).toEqual([]);
      const walked: string[] = [];
      for await (const { key } of store.listKeys({ prefix: 'a' })) walked.push(key);
      expect(walked).toEqual(['a-1', 'a-2', 'a-3']);
    });
  });

  describe('links', () => {
    it('opens records and keys by the links that the client and the server make', async () => {
      await using server = await serve(open());
      const { id } = await clientOf(server).keyValueStores().getOrCreate('links');
      const store = clientOf(server).keyValueStore(id);
      await store.setRecord({ key: 'a', value: 'hello' });
      const recordUrl = await store.getRecordPublicUrl('a');
      expect(recordUrl).toContain('signature=');
      expect(await (await fetch(recordUrl)).text()).toBe('hello');
      const keysUrl = await store.createKeysPublicUrl({ expiresInSecs: 60, limit: 1 });
      const { data } = (await (await fetch(keysUrl)).json()) as { data: { items: { recordPublicUrl: string }[] } };
      expect(await (await fetch(data.items[0]!.recordPublicUrl)).text()).toBe('hello');
      expect(await (await fetch((await store.get())!['keysPublicUrl' as never] as string)).json()).toMatchObject({
        data: { count: 1 },
      });
      const signature = new URL(recordUrl).searchParams.get('signature')!;
      const anonymous = new ApifyClient({ baseUrl: server.url, maxRetries: 0 }).keyValueStore(id);
      expect((await anonymous.getRecord('a', { signature }))?.value).toBe('hello');
      const keysSignature = new URL(keysUrl).searchParams.get('signature')!;
      expect((await anonymous.listKeys({ signature: keysSignature })).count).toBe(1);
      await expect(anonymous.listKeys()).rejects.toMatchObject({ statusCode: 404 });
      const unlimited = await store.createKeysPublicUrl();
      expect((await fetch(unlimited)).status).toBe(200);
    });

    it('opens those keys that a link was made for, until it expires', async () => {
      await using server = await serve(open());
      const collections = { pages: { title: 'Pages', keyPrefix: 'page-' } };
      const schema = { actorKeyValueStoreSchemaVersion: 1, title: 'S', collections };
      const { id } = await clientOf(server).keyValueStores().getOrCreate('links', { schema });
      const store = clientOf(server).keyValueStore(id);
      for (const key of ['page-1', 'page-2', 'page-3', 'x-1']) await store.setRecord({ key, value: key });
      const keysOf = async (options: Parameters<typeof store.createKeysPublicUrl>[0]): Promise<string[]> => {
        const { data } = (await (await fetch(await store.createKeysPublicUrl(options))).json()) as {
          data: { items: { key: string }[] };
        };
        return data.items.map(({ key }) => key);
      };
      expect(await keysOf({ prefix: 'x-' })).toEqual(['x-1']);
      expect(await keysOf({ collection: 'pages', limit: 2 })).toEqual(['page-1', 'page-2']);
      expect(await keysOf({ exclusiveStartKey: 'page-2', expiresInSecs: 60 })).toEqual(['page-3', 'x-1']);
      const expired = await store.createKeysPublicUrl({ expiresInSecs: 1 });
      expect((await fetch(expired)).status).toBe(200);
      await expect.poll(async () => (await fetch(expired)).status, { interval: 100, timeout: 10_000 }).toBe(403);
      const { token: reader } = await server.addToken({ scope: 'read' });
      // Who may not write makes links that open nothing by themselves.
      const unsigned = await clientOf(server, reader).keyValueStore(id).getRecordPublicUrl('x-1');
      expect(unsigned).toBe(`${server.url}/v2/key-value-stores/${id}/records/x-1`);
      expect((await fetch(unsigned)).status).toBe(404);
    });
  });

  describe('around', () => {
    it('knows its users and runs', async () => {
      await using server = await serve(open());
      const client = clientOf(server);
      expect(await client.user().get()).toMatchObject({ username: 'admin', isPaying: false });
      expect(await client.user('admin').get()).toMatchObject({ username: 'admin' });
      expect(await client.user('nobody').get()).toBeUndefined();
      const run = await client.run('run-1').get();
      expect(run).toMatchObject({ id: 'run-1', status: 'RUNNING' });
      expect(await client.run('run-1').update({ statusMessage: 'Half way' })).toMatchObject({
        statusMessage: 'Half way',
      });
      const store = client.run('run-1').keyValueStore();
      await store.setRecord({ key: 'OUTPUT', value: { ok: true } });
      expect((await client.keyValueStore(run!.defaultKeyValueStoreId).getRecord('OUTPUT'))?.value).toEqual({
        ok: true,
      });
      expect((await store.listKeys()).count).toBe(1);
      expect(await store.recordExists('OUTPUT')).toBe(true);
      expect((await client.actor('any').lastRun().keyValueStore().getRecord('OUTPUT'))?.value).toEqual({ ok: true });
      expect((await client.task('any').lastRun({ status: 'RUNNING' }).keyValueStore().get())?.id).toBe(
        run!.defaultKeyValueStoreId,
      );
      expect(await client.actor('any').lastRun({ status: 'FAILED' }).keyValueStore().get()).toBeUndefined();
    });

    it('refuses a wrong token', async () => {
      await using server = await serve(open());
      await expect(clientOf(server, 'wrong').keyValueStores().list()).rejects.toMatchObject({
        statusCode: 401,
        type: 'user-or-token-not-found',
      });
    });
  });
});

interface SilentServer {
  readonly url: string;
  /** How many requests have come. */
  readonly count: () => number;
  readonly close: () => Promise<void>;
}

/** Takes requests and never answers. */
async function serveSilence(): Promise<SilentServer> {
  const sockets: Socket[] = [];
  let count = 0;
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => (count += bytes.toString('latin1').split('PUT /').length - 1));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    count: () => count,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => void server.close(resolve));
    },
  };
}
