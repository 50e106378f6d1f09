import assert from 'node:assert/strict';
import type { KeyValueStoreBackend } from '@kv/core';
import { defineGroup } from '../conformance-case.js';
import type { ConformanceCase } from '../conformance-case.js';
import { show } from '../support/bytes.js';
import { changingOperations, storeOperations } from '../support/operations.js';
import { assertAbsent, assertRecord, put, putAll, TEXT } from '../support/records.js';
import { inBothBackends, onOnePlace } from '../support/reopening.js';
import { rejectsWithCode } from '../support/rejects.js';
import { walkKeys } from '../support/walk-keys.js';

const WRITERS = Array.from({ length: 50 }, (_, index) => index);
const TYPES = [TEXT, 'application/json; charset=utf-8', 'image/png'];

/** Two backends that are open on one place at once. */
export const SHARING_CASES: readonly ConformanceCase[] = defineGroup('sharing a place', [
  {
    id: 'KVS-134',
    behaviour: 'Each of two backends on one place sees what the other writes and deletes, at once and in every way.',
    needs: ['persistent'],
    run: inBothBackends(async (stores) => {
      for (const store of stores) await assertAbsent(store, 'key');
      for (const [index, contentType] of [...TYPES, ...TYPES].entries()) {
        const [writer, reader] = index % 2 === 0 ? stores : stores.toReversed();
        assert.ok(writer && reader);
        // Long and short in turn, so that size and bytes of the last one would show.
        const text = `value ${index}${'x'.repeat((index % 3) * 1000)}`;
        await put(writer, 'key', text, contentType);
        const told = await assertRecord(reader, 'key', text, contentType);
        assert.deepEqual(await assertRecord(writer, 'key', text, contentType), told, 'both tell the same');
        assert.deepEqual(await walkKeys(reader), ['key']);
      }
      for (const [index, store] of stores.entries()) {
        await putAll(store, ['key', 'other']);
        const other = stores[1 - index] as KeyValueStoreBackend;
        await assertRecord(other, 'key', 'key');
        await store.deleteRecord('key');
        await assertAbsent(other, 'key');
        await store.purge();
        assert.deepEqual(await walkKeys(other), []);
      }
    }),
  },
  {
    id: 'KVS-135',
    behaviour: 'A new store that many open through two backends at once is one store, found and listed by both.',
    needs: ['persistent'],
    run: onOnePlace(async (one, two) => {
      for (const ref of [{}, { name: 'new' }, { alias: 'new' }]) {
        const opens = WRITERS.slice(0, 20).map((index) => (index % 2 === 0 ? one : two).openKeyValueStore(ref));
        const ids = new Set((await Promise.all(opens)).map(({ id }) => id));
        assert.equal(ids.size, 1, `all get the same store as ${JSON.stringify(ref)}`);
        for (const backend of [one, two]) assert.ok(ids.has((await backend.findKeyValueStore(ref))?.id ?? ''));
      }
      const lists = await Promise.all([one, two].map((backend) => backend.listKeyValueStores()));
      assert.equal(lists[0]?.length, 3);
      assert.deepEqual(
        lists[0]?.map(({ id }) => id),
        lists[1]?.map(({ id }) => id),
      );
    }),
  },
  {
    id: 'KVS-136',
    behaviour: 'A store that one backend renames is renamed for the other, whose handle stays of use.',
    needs: ['persistent'],
    run: onOnePlace(async (one, two) => {
      const [store, other] = [
        await one.openKeyValueStore({ name: 'old' }),
        await two.openKeyValueStore({ name: 'old' }),
      ];
      await put(store, 'key', 'value');
      assert.equal((await other.getInfo()).name, 'old');
      await store.update({ name: 'new', title: 'A title' });
      await assertRecord(other, 'key', 'value');
      const { id, name, title } = await other.getInfo();
      assert.deepEqual({ id, name, title }, { id: store.id, name: 'new', title: 'A title' });
      await put(other, 'after', 'value');
      await assertRecord(store, 'after', 'value');
      assert.equal(await two.findKeyValueStore({ name: 'old' }), undefined);
      assert.equal((await two.openKeyValueStore({ name: 'new' })).id, store.id);
      const namesake = await two.openKeyValueStore({ name: 'old' });
      assert.notEqual(namesake.id, store.id);
      assert.deepEqual(await walkKeys(namesake), []);
      await rejectsWithCode('KV_NAME_TAKEN', 'update', () => store.update({ name: 'old' }));
    }),
  },
  {
    id: 'KVS-137',
    behaviour: 'A store that one backend drops is gone for the other, whose handle raises `KV_STORAGE_NOT_FOUND`.',
    needs: ['persistent'],
    run: onOnePlace(async (one, two) => {
      const [store, other] = [
        await one.openKeyValueStore({ name: 'gone' }),
        await two.openKeyValueStore({ name: 'gone' }),
      ];
      await putAll(store, ['key', 'second']);
      await assertRecord(other, 'key', 'key');
      await store.drop();
      assert.equal(await two.findKeyValueStore({ name: 'gone' }), undefined);
      for (const [name, operation] of storeOperations(other, two)) {
        await rejectsWithCode('KV_STORAGE_NOT_FOUND', name, operation);
      }
      assert.deepEqual(await two.listKeyValueStores(), [], 'what the handle was asked to do brings nothing back');
      const next = await one.openKeyValueStore({ name: 'gone' });
      assert.deepEqual(await walkKeys(next), []);
      assert.equal((await two.openKeyValueStore({ name: 'gone' })).id, next.id);
    }),
  },
  {
    id: 'KVS-138',
    behaviour:
      'A handle whose store another backend dropped or renamed changes nothing in a new store of the old name.',
    needs: ['persistent'],
    run: onOnePlace(async (one, two) => {
      for (const name of ['dropped', 'renamed']) {
        const [store, other] = [await one.openKeyValueStore({ name }), await two.openKeyValueStore({ name })];
        await put(other, 'mine', 'value');
        await (name === 'dropped' ? store.drop() : store.update({ name: 'new' }));
        const next = await one.openKeyValueStore({ name });
        await putAll(next, ['key', 'second']);
        for (const [operation, run] of changingOperations(other)) {
          if (name === 'renamed') await run();
          else await rejectsWithCode('KV_STORAGE_NOT_FOUND', operation, run);
        }
        for (const key of ['key', 'second']) await assertRecord(next, key, key);
        assert.deepEqual(await walkKeys(next), ['key', 'second']);
        assert.equal((await next.getInfo()).title, undefined);
      }
    }),
  },
  {
    id: 'KVS-139',
    behaviour: '50 writers through two backends on one place lose nothing, and leave whole records.',
    needs: ['persistent'],
    run: inBothBackends(async (stores) => {
      const writes = WRITERS.map(async (index) => {
        const store = stores[index % 2] as KeyValueStoreBackend;
        const contentType = TYPES[index % 3] as string;
        await Promise.all([put(store, `key-${index}`, `value ${index}`), put(store, 'one', contentType, contentType)]);
      });
      await Promise.all(writes);
      for (const store of stores) assert.equal((await walkKeys(store)).length, 51);
      for (const index of WRITERS)
        await assertRecord(stores[(index + 1) % 2] as KeyValueStoreBackend, `key-${index}`, `value ${index}`);
      const winner = await stores[0].getRecord('one');
      assert.ok(winner, 'there is a record');
      await assertRecord(stores[1], 'one', show(winner.value), show(winner.value));
    }),
  },
]);
