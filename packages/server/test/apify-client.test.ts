import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { ApifyApiError, ApifyClient } from 'apify-client';
import { describe, expect, it } from 'vitest';
import { backends, serve, TOKEN } from './serve.js';
import type { TestServer } from './serve.js';

function clientOf(server: TestServer, token: string | undefined = TOKEN): ApifyClient {
  return new ApifyClient({ baseUrl: server.url, publicBaseUrl: server.url, ...(token && { token }), maxRetries: 1 });
}

describe.each(backends)('apify-client on $name', ({ open }) => {
  describe('collection', () => {
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

    it('takes the options of a write', async () => {
      await using server = await serve(open());
      const { id } = await clientOf(server).keyValueStores().getOrCreate('options');
      const store = clientOf(server).keyValueStore(id);
      await store.setRecord({ key: 'a', value: { b: 1 } }, { timeoutSecs: 30, doNotRetryTimeouts: true });
      expect((await store.getRecord('a'))?.value).toEqual({ b: 1 });
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
