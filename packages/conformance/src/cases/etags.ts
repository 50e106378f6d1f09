import assert from 'node:assert/strict';
import type { KeyValueStoreBackend } from '@kv/core';
import { defineGroup } from '../conformance-case.js';
import type { ConformanceCase } from '../conformance-case.js';
import { noise } from '../support/bytes.js';
import { inStore, put, TEXT } from '../support/records.js';

/** When the version of a record changes. */
export const ETAG_CASES: readonly ConformanceCase[] = defineGroup('etags', [
  {
    id: 'KVS-068',
    behaviour: 'An etag stays while nothing is written, for every handle and every way of reading.',
    run: inStore(async (store, backend) => {
      await put(store, 'key', 'value');
      const etag = await etagOf(store, 'key');
      assert.match(etag, /./);
      await store.getRecord('key');
      await put(store, 'other', 'value');
      await store.deleteRecord('other');
      assert.equal(await etagOf(store, 'key'), etag);
      assert.equal(await etagOf(await backend.openKeyValueStore({ id: store.id }), 'key'), etag);
      const opened = await store.getRecordStream('key');
      await opened?.stream.cancel();
      assert.equal(opened?.etag, etag);
      assert.equal((await store.getRecordBody('key'))?.etag, etag);
    }),
  },
  {
    id: 'KVS-069',
    behaviour: 'An etag changes when the bytes do, even to others of the same size and in the same moment.',
    run: inStore(async (store) => {
      for (const size of [1, 1000, 100_000, 1_100_000]) {
        const etags = new Set<string>();
        for (let seed = 1; seed <= 5; seed += 1) {
          await store.setRecord({ key: 'key', value: noise(size, seed * 1e8), contentType: TEXT });
          etags.add(await etagOf(store, 'key'));
        }
        assert.equal(etags.size, 5, `five values of ${size} bytes have five etags`);
      }
    }),
  },
  {
    id: 'KVS-070',
    behaviour: 'An etag changes when the content type alone does.',
    run: inStore(async (store) => {
      const etags = new Set<string>();
      const types = [
        'application/json; charset=utf-8',
        'application/json',
        TEXT,
        'text/plain',
        'image/png',
        'image/PNG',
      ];
      for (const contentType of types) {
        await put(store, 'key', '"value"', contentType);
        etags.add(await etagOf(store, 'key'));
      }
      assert.equal(etags.size, types.length);
    }),
  },
  {
    id: 'KVS-071',
    behaviour:
      'The etag of a small record is the same again when the same bytes and type are, as bytes or as a stream.',
    run: inStore(async (store) => {
      await put(store, 'key', 'value');
      const etag = await etagOf(store, 'key');
      await put(store, 'key', 'value');
      assert.equal(await etagOf(store, 'key'), etag, 'after writing the same');
      await put(store, 'key', 'other');
      assert.notEqual(await etagOf(store, 'key'), etag);
      await store.setRecord({ key: 'key', value: new Blob(['value']).stream(), contentType: TEXT });
      assert.equal(await etagOf(store, 'key'), etag, 'after writing the same as a stream');
    }),
  },
]);

async function etagOf(store: KeyValueStoreBackend, key: string): Promise<string> {
  const info = await store.getRecordInfo(key);
  assert.ok(info, `there is a record ${key}`);
  return info.etag;
}
