import assert from 'node:assert/strict';
import type { RecordBody } from '@kv/core';
import { defineGroup } from '../conformance-case.js';
import type { ConformanceCase } from '../conformance-case.js';
import { bytes, noise, show } from '../support/bytes.js';
import { assertAbsent, assertRecord, inStore, put, TEXT } from '../support/records.js';
import { rejectsWithClass } from '../support/rejects.js';
import { walkKeys } from '../support/walk-keys.js';

/** How records come, change and go. */
export const RECORD_CASES: readonly ConformanceCase[] = defineGroup('records', [
  {
    id: 'KVS-024',
    behaviour: 'A record is given back with its key, its bytes and its content type, in every way of reading.',
    run: inStore(async (store) => {
      await put(store, 'key', 'A value: é€😀');
      await assertRecord(store, 'key', 'A value: é€😀');
    }),
  },
  {
    id: 'KVS-025',
    behaviour: 'A record that does not exist is `undefined`, and deleting it does nothing.',
    run: inStore(async (store) => {
      await put(store, 'key', 'value');
      for (const key of ['absent', 'ke', 'key2', 'constructor', '__proto__']) {
        await assertAbsent(store, key);
        assert.equal(await store.deleteRecord(key), undefined);
      }
      await assertRecord(store, 'key', 'value');
    }),
  },
  {
    id: 'KVS-026',
    behaviour: 'A deleted record is gone, alone, and may come back.',
    run: inStore(async (store) => {
      for (const key of ['a', 'b', 'c']) await put(store, key, key);
      await store.deleteRecord('b');
      await assertAbsent(store, 'b');
      assert.deepEqual(await walkKeys(store), ['a', 'c']);
      await store.deleteRecord('b');
      await put(store, 'b', 'again');
      await assertRecord(store, 'b', 'again');
      assert.deepEqual(await walkKeys(store), ['a', 'b', 'c']);
    }),
  },
  {
    id: 'KVS-027',
    behaviour: 'A record that is written again has the new value alone, whether it is longer or shorter.',
    run: inStore(async (store) => {
      await put(store, 'other', 'stays');
      for (const value of ['short', 'a much longer value than before', '', 'x', 'y'.repeat(70_000), 'end']) {
        await put(store, 'key', value);
        await assertRecord(store, 'key', value);
      }
      await assertRecord(store, 'other', 'stays');
    }),
  },
  {
    id: 'KVS-028',
    behaviour: 'An empty value is a record of 0 bytes, of whatever content type.',
    run: inStore(async (store) => {
      for (const type of [TEXT, 'application/json; charset=utf-8', 'image/png', 'application/octet-stream']) {
        const key = `empty-${type.length}`;
        await store.setRecord({ key, value: new Uint8Array(), contentType: type });
        await assertRecord(store, key, '', type);
      }
    }),
  },
  {
    id: 'KVS-029',
    behaviour: 'Every byte passes unchanged, under every content type: nothing is parsed, decoded or mended.',
    run: inStore(async (store) => {
      const all = Uint8Array.from({ length: 256 }, (_, index) => index);
      const values = [all, bytes('\uFEFFwith a mark'), bytes('{ "broken": '), bytes(' 1 \r\n'), bytes('null')];
      for (const [index, value] of values.entries()) {
        for (const type of ['application/json; charset=utf-8', 'text/plain; charset=utf-16', 'image/png']) {
          await store.setRecord({ key: `key-${index}`, value, contentType: type });
          await assertRecord(store, `key-${index}`, value, type);
        }
      }
    }),
  },
  {
    id: 'KVS-030',
    behaviour: 'A view of a part of a buffer is stored as that part; a Buffer is bytes like others.',
    run: inStore(async (store) => {
      const whole = bytes('before|the part|after');
      await store.setRecord({ key: 'view', value: whole.subarray(7, 15), contentType: TEXT });
      await assertRecord(store, 'view', 'the part');
      await store.setRecord({ key: 'buffer', value: Buffer.from('a buffer'), contentType: TEXT });
      await assertRecord(store, 'buffer', 'a buffer');
    }),
  },
  {
    id: 'KVS-031',
    behaviour: 'Bytes are never shared: a caller who changes what was stored or read changes no record.',
    run: inStore(async (store) => {
      for (const size of [16, 100_000]) {
        const value = noise(size);
        const expected = value.slice();
        await store.setRecord({ key: 'key', value, contentType: TEXT });
        value.fill(0);
        const [first, second] = [await store.getRecord('key'), await store.getRecord('key')];
        assert.ok(first && second);
        assert.equal(show(second.value), show(expected), 'bytes in are copied');
        first.value.fill(0);
        assert.equal(show(second.value), show(expected), 'two readers have bytes of their own');
        const opened = await store.getRecordStream('key');
        assert.ok(opened);
        for await (const chunk of opened.stream) chunk.fill(0);
        const body = await store.getRecordBody('key');
        assert.ok(body);
        if (body.value instanceof Uint8Array) body.value.fill(0);
        else for await (const chunk of body.value) chunk.fill(0);
        await assertRecord(store, 'key', expected);
      }
    }),
  },
  {
    id: 'KVS-032',
    behaviour: 'A value that is no bytes and no stream raises a `TypeError`, and the old record stays.',
    run: inStore(async (store) => {
      await put(store, 'key', 'old');
      for (const value of ['text', undefined, null, 7, {}, [1, 2]] as unknown as RecordBody[]) {
        await rejectsWithClass(TypeError, `a value of ${JSON.stringify(value)}`, async () =>
          store.setRecord({ key: 'key', value, contentType: TEXT }),
        );
      }
      await assertRecord(store, 'key', 'old');
    }),
  },
  {
    id: 'KVS-033',
    behaviour: 'The time of a record is that of its last write, and reading does not move it.',
    run: inStore(async (store) => {
      await put(store, 'key', 'value');
      const first = await store.getRecordInfo('key');
      assert.ok(first && !Number.isNaN(first.modifiedAt.getTime()), 'it is a valid date');
      await store.getRecord('key');
      assert.deepEqual((await store.getRecordInfo('key'))?.modifiedAt, first.modifiedAt);
      const deadline = Date.now() + 3000;
      for (let index = 0; Date.now() < deadline; index += 1) {
        await new Promise((resolve) => setTimeout(resolve, 5));
        await put(store, 'key', `value ${index}`);
        const info = await store.getRecordInfo('key');
        if (info && info.modifiedAt > first.modifiedAt) return;
      }
      assert.fail('a write does not move modifiedAt');
    }),
  },
]);
