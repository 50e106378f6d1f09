import assert from 'node:assert/strict';
import { defineGroup } from '../conformance-case.js';
import type { ConformanceCase } from '../conformance-case.js';
import { bytes, show } from '../support/bytes.js';
import { assertRecord, inStore, put } from '../support/records.js';
import { readAll, streamOf } from '../support/streams.js';
import { walkKeys } from '../support/walk-keys.js';

const WRITERS = Array.from({ length: 50 }, (_, index) => index);
const TYPES = ['application/json; charset=utf-8', 'text/plain', 'image/png', 'application/json', 'application/x-own'];

/** The value and the type of one writer of many: each is told from the other. */
function written(index: number): { text: string; contentType: string } {
  const contentType = TYPES[index % TYPES.length] as string;
  return { text: `${contentType} by ${index}: ${'x'.repeat(index * 97)}`, contentType };
}

/** Many that read and write at once. */
export const CONCURRENCY_CASES: readonly ConformanceCase[] = defineGroup('concurrency', [
  {
    id: 'KVS-072',
    behaviour: 'Of 50 writers on one key some whole record wins: bytes, type and size of one write.',
    run: inStore(async (store, backend) => {
      const second = await backend.openKeyValueStore({ id: store.id });
      await Promise.all(
        WRITERS.map(async (index) => {
          const { text, contentType } = written(index);
          const value = index % 3 === 0 ? streamOf([bytes(text.slice(0, 9)), bytes(text.slice(9))]) : bytes(text);
          await (index % 2 === 0 ? store : second).setRecord({ key: 'key', value, contentType });
        }),
      );
      const winner = await store.getRecord('key');
      const index = Number(/ by (\d+):/.exec(show(winner?.value ?? bytes('')))?.[1]);
      const { text, contentType } = written(index);
      await assertRecord(store, 'key', text, contentType);
      assert.deepEqual(await walkKeys(store), ['key']);
    }),
  },
  {
    id: 'KVS-073',
    behaviour: '50 writers on 50 keys lose nothing.',
    run: inStore(async (store, backend) => {
      const second = await backend.openKeyValueStore({ id: store.id });
      await Promise.all(
        WRITERS.map(async (index) => {
          const { text, contentType } = written(index);
          await put(index % 2 === 0 ? store : second, `key-${index}`, text, contentType);
        }),
      );
      assert.equal((await walkKeys(store)).length, 50);
      for (const index of WRITERS) {
        const { text, contentType } = written(index);
        await assertRecord(store, `key-${index}`, text, contentType);
      }
    }),
  },
  {
    id: 'KVS-074',
    behaviour: 'A reader of a record that is overwritten all the time sees whole records, and never none.',
    run: inStore(async (store) => {
      await put(store, 'key', written(0).text, written(0).contentType);
      const state = { isWriting: true };
      const write = async (): Promise<void> => {
        for (const index of WRITERS) await put(store, 'key', written(index).text, written(index).contentType);
      };
      const read = async (): Promise<void> => {
        while (state.isWriting) {
          const record = await store.getRecord('key');
          assert.ok(record, 'there is a record at every moment');
          assertWhole(show(record.value), record.contentType);
          const opened = await store.getRecordStream('key');
          assert.ok(opened, 'there is a record to stream at every moment');
          const text = show(await readAll(opened.stream));
          assertWhole(text, opened.contentType);
          assert.equal(text.length, opened.size, 'the size is that of the value');
          // Readers that only wait for promises would not let timers and files have their turn.
          await new Promise((resolve) => setImmediate(resolve));
        }
      };
      const writing = write().finally(() => (state.isWriting = false));
      await Promise.all([writing, read(), read()]);
    }),
  },
  {
    id: 'KVS-075',
    behaviour: 'Writes and deletes of one key at once leave a whole record or none.',
    run: inStore(async (store) => {
      const operations = WRITERS.map(async (index) => {
        if (index % 5 === 4) return store.deleteRecord('key');
        return put(store, 'key', written(index).text, written(index).contentType);
      });
      await Promise.all(operations);
      const record = await store.getRecord('key');
      assert.deepEqual(await walkKeys(store), record ? ['key'] : []);
      if (record) await assertRecord(store, 'key', record.value, record.contentType);
      if (record) assertWhole(show(record.value), record.contentType);
    }),
  },
  {
    id: 'KVS-076',
    behaviour: 'Writes that follow one another take effect in that order.',
    run: inStore(async (store, backend) => {
      const second = await backend.openKeyValueStore({ id: store.id });
      for (const index of WRITERS.slice(0, 20)) {
        const { text, contentType } = written(index);
        await put(index % 2 === 0 ? store : second, 'key', text, contentType);
        const record = await (index % 2 === 0 ? second : store).getRecord('key');
        assert.deepEqual([record && show(record.value), record?.contentType], [text, contentType]);
      }
    }),
  },
]);

function assertWhole(text: string, contentType: string): void {
  const expected = written(Number(/ by (\d+):/.exec(text)?.[1]));
  assert.equal(text, expected.text, 'the bytes are those of one write');
  assert.equal(contentType, expected.contentType, 'the content type is that of the same write');
}
