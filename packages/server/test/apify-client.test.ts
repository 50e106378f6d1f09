import { ApifyClient } from 'apify-client';
import { describe, expect, it } from 'vitest';
import { backends, serve, TOKEN } from './serve.js';

describe.each(Object.keys(backends))('apify-client on %s', (name) => {
  it('stores and reads records of all kinds', async () => {
    await using server = await serve(backends[name]!());
    const client = new ApifyClient({ baseUrl: server.url, token: TOKEN });
    const { id } = await client.keyValueStores().getOrCreate('pictures');
    const store = client.keyValueStore(id);
    await store.setRecord({ key: 'object', value: { list: [1, 2, 'é'], long: 'x'.repeat(3000) } });
    await store.setRecord({ key: 'text', value: 'žluťoučký'.repeat(500), contentType: 'text/plain; charset=utf-8' });
    await store.setRecord({ key: 'bytes', value: Buffer.alloc(5000, 7) as never, contentType: 'image/png' });
    expect((await store.getRecord('object'))?.value).toEqual({ list: [1, 2, 'é'], long: 'x'.repeat(3000) });
    expect((await store.getRecord('text'))?.value).toBe('žluťoučký'.repeat(500));
    expect(await store.getRecord('bytes', { buffer: true })).toMatchObject({
      key: 'bytes',
      contentType: 'image/png',
      value: Buffer.alloc(5000, 7),
    });
    expect(await store.getRecord('missing')).toBeUndefined();
    expect(await store.recordExists('bytes')).toBe(true);
    expect(await store.recordExists('missing')).toBe(false);
    expect(await store.listKeys()).toMatchObject({ count: 3, isTruncated: false, nextExclusiveStartKey: null });
    await store.deleteRecord('bytes');
    await store.deleteRecord('bytes');
    expect(await store.getRecord('bytes')).toBeUndefined();
    await store.delete();
    expect(await store.get()).toBeUndefined();
  });
});
