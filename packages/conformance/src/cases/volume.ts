import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { defineGroup } from '../conformance-case.js';
import type { ConformanceCase } from '../conformance-case.js';
import { noise, sha256 } from '../support/bytes.js';
import { inStore, put, putAll } from '../support/records.js';
import { streamOf } from '../support/streams.js';
import { listPage, walkKeys } from '../support/walk-keys.js';

const MANY = Array.from({ length: 2500 }, (_, index) => `key-${index}`);
const CHUNK = noise(256 * 1024);
const CHUNKS = 256;

/** Many keys, and values larger than one likes to hold. */
export const VOLUME_CASES: readonly ConformanceCase[] = defineGroup('volume', [
  {
    id: 'KVS-100',
    behaviour: '2,500 keys are listed once each, in order, through pages of 1, 7, 999 and 1,000, and with a prefix.',
    run: inStore(async (store) => {
      await putAll(store, MANY);
      const ascending = MANY.toSorted();
      for (const limit of [1000, 999, 7, 1]) {
        assert.deepEqual(await walkKeys(store, { limit }), ascending, `pages of ${limit}`);
      }
      const selected = ascending.filter((key) => key.startsWith('key-2'));
      assert.deepEqual(await walkKeys(store, { prefix: 'key-2', limit: 7 }), selected);
    }),
  },
  {
    id: 'KVS-101',
    behaviour: 'Without a limit a page has 1,000 keys: 1,000 are one page, and 1,001 are two.',
    run: inStore(async (store) => {
      await putAll(store, MANY.slice(0, 1000));
      const whole = await listPage(store);
      assert.deepEqual([whole.count, whole.limit, whole.isTruncated], [1000, 1000, false]);
      await put(store, 'last', 'value');
      const cut = await listPage(store);
      assert.deepEqual([cut.count, cut.limit, cut.isTruncated], [1000, 1000, true]);
      assert.equal((await walkKeys(store)).length, 1001);
    }),
  },
  {
    id: 'KVS-102',
    behaviour: 'A stream of 64 MiB comes out as it went in, and can be replaced by another.',
    run: inStore(async (store) => {
      for (const seed of [1, 2]) {
        const hash = createHash('sha256');
        for (const chunk of chunks(seed)) hash.update(chunk);
        await store.setRecord({ key: 'large', value: streamOf(chunks(seed)), contentType: 'application/x-large' });
        const opened = await store.getRecordStream('large');
        assert.ok(opened, 'there is a record');
        assert.deepEqual([opened.size, opened.contentType], [CHUNKS * CHUNK.length, 'application/x-large']);
        assert.equal(await sha256(opened.stream), hash.digest('hex'));
      }
    }),
  },
]);

/** Makes 64 MiB, a chunk at a time; no two chunks are alike. */
function* chunks(seed: number): Generator<Uint8Array> {
  for (let index = 0; index < CHUNKS; index += 1) {
    const chunk = CHUNK.slice();
    chunk.set([seed, index]);
    yield chunk;
  }
}
