import assert from 'node:assert/strict';
import { defineGroup } from '../conformance-case.js';
import type { ConformanceCase } from '../conformance-case.js';
import { bytes, noise } from '../support/bytes.js';
import { assertAbsent, assertRecord, inStore, put, TEXT } from '../support/records.js';
import { errorOf } from '../support/rejects.js';
import { assertReleased, streamOf, watchedStream } from '../support/streams.js';
import { walkKeys } from '../support/walk-keys.js';

/** Values that come as streams. */
export const STREAM_IN_CASES: readonly ConformanceCase[] = defineGroup('streams in', [
  {
    id: 'KVS-044',
    behaviour: 'A value that comes as a stream is the same as one that comes as bytes, however it is cut.',
    run: inStore(async (store) => {
      const cuts = [
        ['all at once'],
        ['in ', 'three', ' pieces'],
        ['', 'with', '', ' empty ones', ''],
        [...'byte by byte'],
      ];
      for (const [index, pieces] of cuts.entries()) {
        const type = index % 2 === 0 ? TEXT : 'application/json; charset=utf-8';
        await store.setRecord({ key: 'key', value: streamOf(pieces.map(bytes)), contentType: type });
        await assertRecord(store, 'key', pieces.join(''), type);
      }
      const large = noise(300_000);
      const parts = [large.subarray(0, 1), large.subarray(1, 65_537), large.subarray(65_537)];
      await store.setRecord({ key: 'large', value: streamOf(parts), contentType: 'image/png' });
      await assertRecord(store, 'large', large, 'image/png');
    }),
  },
  {
    id: 'KVS-045',
    behaviour: 'A stream that ends at once is a record of 0 bytes.',
    run: inStore(async (store) => {
      await put(store, 'key', 'old');
      for (const key of ['key', 'new']) {
        await store.setRecord({ key, value: streamOf([]), contentType: TEXT });
        await assertRecord(store, key, '');
      }
    }),
  },
  {
    id: 'KVS-046',
    behaviour: 'Streams of bytes (`type: "bytes"`) and those of a Blob are taken as well.',
    run: inStore(async (store) => {
      const pieces = ['one ', 'two'].map(bytes);
      const value = new ReadableStream({
        type: 'bytes',
        pull(controller) {
          const piece = pieces.shift();
          if (piece) controller.enqueue(piece);
          else controller.close();
        },
      });
      await store.setRecord({ key: 'bytes', value, contentType: TEXT });
      await assertRecord(store, 'bytes', 'one two');
      await store.setRecord({ key: 'blob', value: new Blob(['a blob']).stream(), contentType: TEXT });
      await assertRecord(store, 'blob', 'a blob');
    }),
  },
  {
    id: 'KVS-047',
    behaviour: 'A stream that fails half way fails the write with its error, and the old record stays.',
    run: inStore(async (store) => {
      await put(store, 'key', 'the old value', 'image/png');
      for (const pieces of [[], [bytes('half')], [noise(200_000), bytes('more')]]) {
        const failure = new Error('the source broke');
        const error = await errorOf('setRecord', async () =>
          store.setRecord({ key: 'key', value: streamOf([...pieces, failure]), contentType: TEXT }),
        );
        assert.ok(causesOf(error).includes(failure), 'the error of the source is the one raised, or its cause');
        await assertRecord(store, 'key', 'the old value', 'image/png');
      }
    }),
  },
  {
    id: 'KVS-048',
    behaviour: 'A stream that fails leaves nothing where there was nothing.',
    run: inStore(async (store) => {
      const value = streamOf([bytes('half'), new Error('the source broke')]);
      await errorOf('setRecord', async () => store.setRecord({ key: 'key', value, contentType: TEXT }));
      await assertAbsent(store, 'key');
      assert.deepEqual(await walkKeys(store), []);
      await put(store, 'key', 'value');
      await assertRecord(store, 'key', 'value');
    }),
  },
  {
    id: 'KVS-121',
    behaviour:
      'A stream that comes with a key or a type that is not legal, or after the signal has fired, is cancelled.',
    run: inStore(async (store) => {
      for (const [key, contentType, signal] of [
        ['a/b', TEXT, undefined],
        ['key', 'no type', undefined],
        ['key', TEXT, AbortSignal.abort(new Error('enough'))],
      ] as const) {
        const watched = watchedStream([bytes('half'), bytes('whole')]);
        await errorOf('setRecord', async () =>
          store.setRecord({ key, value: watched.stream, contentType }, { signal }),
        );
        await assertReleased(watched);
      }
      assert.deepEqual(await walkKeys(store), []);
    }),
  },
  {
    id: 'KVS-049',
    behaviour: 'A record is not touched while a stream for it is still coming.',
    run: inStore(async (store) => {
      await put(store, 'key', 'old');
      const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
      const writer = writable.getWriter();
      const written = store.setRecord({ key: 'key', value: readable, contentType: 'image/png' });
      await writer.write(bytes('half '));
      await assertRecord(store, 'key', 'old');
      await writer.write(bytes('whole'));
      await assertRecord(store, 'key', 'old');
      await Promise.all([writer.close(), written]);
      await assertRecord(store, 'key', 'half whole', 'image/png');
    }),
  },
]);

function causesOf(error: unknown): unknown[] {
  return error instanceof Error && error.cause !== undefined ? [error, ...causesOf(error.cause)] : [error];
}
