import assert from 'node:assert/strict';
import { SMALL_VALUE_BYTES } from '@kv/core';
import type { KeyValueStoreBackend, KeyValueStoreRecordStream } from '@kv/core';
import { defineGroup } from '../conformance-case.js';
import type { ConformanceCase } from '../conformance-case.js';
import { noise, sha256, show } from '../support/bytes.js';
import { assertRecord, inStore, put, TEXT } from '../support/records.js';
import { readAll } from '../support/streams.js';

/** Values that are read as streams. */
export const STREAM_OUT_CASES: readonly ConformanceCase[] = defineGroup('streams out', [
  {
    id: 'KVS-050',
    behaviour: 'A stream gives the value as it was when it was opened, whatever is written meanwhile.',
    run: inStore(async (store) => {
      for (const size of [10, 300_000]) {
        const old = noise(size, size);
        const expected = await sha256(old);
        for (const type of [TEXT, 'image/png']) {
          await store.setRecord({ key: 'key', value: old, contentType: TEXT });
          const opened = await openStream(store, 'key');
          await put(store, 'key', 'new', type);
          assert.equal(await sha256(opened.stream), expected, 'after it was overwritten');
          assert.deepEqual([opened.contentType, opened.size], [TEXT, size]);
          await assertRecord(store, 'key', 'new', type);
        }
      }
    }),
  },
  {
    id: 'KVS-051',
    behaviour: 'A stream goes on to its end when the record is deleted meanwhile.',
    run: inStore(async (store) => {
      const value = noise(300_000);
      await store.setRecord({ key: 'key', value, contentType: TEXT });
      const { stream } = await openStream(store, 'key');
      await store.deleteRecord('key');
      assert.equal(await sha256(stream), await sha256(value));
      assert.equal(await store.getRecordStream('key'), undefined);
    }),
  },
  {
    id: 'KVS-052',
    behaviour: 'Streams of one record are apart: each gives all of it.',
    run: inStore(async (store) => {
      const value = noise(200_000);
      await store.setRecord({ key: 'key', value, contentType: TEXT });
      const opened = await Promise.all(Array.from({ length: 5 }, () => openStream(store, 'key')));
      const hashes = await Promise.all(opened.map(({ stream }) => sha256(stream)));
      assert.deepEqual(new Set(hashes), new Set([await sha256(value)]));
    }),
  },
  {
    id: 'KVS-053',
    behaviour: 'A stream may be cancelled at any point, and the record stays as it is.',
    run: inStore(async (store) => {
      const value = noise(300_000);
      await store.setRecord({ key: 'key', value, contentType: TEXT });
      await (await openStream(store, 'key')).stream.cancel();
      const reader = (await openStream(store, 'key')).stream.getReader();
      const { value: chunk } = await reader.read();
      assert.equal(show(chunk ?? new Uint8Array()), show(value.subarray(0, chunk?.length ?? 1)));
      await reader.cancel();
      await assertRecord(store, 'key', value);
      await put(store, 'key', 'new');
      await assertRecord(store, 'key', 'new');
    }),
  },
  {
    id: 'KVS-054',
    behaviour: 'The stream of an empty record ends at once.',
    run: inStore(async (store) => {
      await put(store, 'key', '');
      const { stream, size } = await openStream(store, 'key');
      assert.equal(size, 0);
      assert.equal((await readAll(stream)).length, 0);
    }),
  },
  {
    id: 'KVS-140',
    behaviour: '`getRecordBody` gives up to 64 KiB as bytes, and more as a stream of the value as it was then.',
    run: inStore(async (store) => {
      for (const size of [0, 1, 1024, SMALL_VALUE_BYTES]) {
        const value = noise(size);
        await store.setRecord({ key: 'key', value, contentType: TEXT });
        const body = await store.getRecordBody('key');
        assert.ok(body?.value instanceof Uint8Array, `${size} bytes come as bytes`);
        assert.equal(show(body.value), show(value));
      }
      for (const size of [SMALL_VALUE_BYTES + 1, 300_000]) {
        const value = noise(size);
        await store.setRecord({ key: 'key', value, contentType: TEXT });
        const [read, left] = [await store.getRecordBody('key'), await store.getRecordBody('key')];
        assert.ok(
          read?.value instanceof ReadableStream && left?.value instanceof ReadableStream,
          `${size} are a stream`,
        );
        await put(store, 'key', 'new');
        assert.equal(show(await readAll(read.value)), show(value));
        await left.value.cancel();
      }
      await assertRecord(store, 'key', 'new');
    }),
  },
  {
    id: 'KVS-141',
    behaviour: 'What `getRecordBody` gives can be stored as it is, and is the same record under another key.',
    run: inStore(async (store) => {
      for (const size of [0, 1024, 300_000]) {
        const value = noise(size);
        await store.setRecord({ key: 'key', value, contentType: 'image/x-noise' });
        const body = await store.getRecordBody('key');
        assert.ok(body);
        await store.setRecord({ ...body, key: 'copy' });
        await assertRecord(store, 'copy', value, 'image/x-noise');
      }
    }),
  },
]);

async function openStream(store: KeyValueStoreBackend, key: string): Promise<KeyValueStoreRecordStream> {
  const opened = await store.getRecordStream(key);
  assert.ok(opened, `there is a record ${key}`);
  assert.ok(opened.stream instanceof ReadableStream, 'the stream is a ReadableStream');
  return opened;
}
