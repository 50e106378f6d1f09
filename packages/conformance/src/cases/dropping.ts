import assert from 'node:assert/strict';
import { defineGroup } from '../conformance-case.js';
import type { ConformanceCase } from '../conformance-case.js';
import { bytes } from '../support/bytes.js';
import { storeOperations } from '../support/operations.js';
import { assertAbsent, assertRecord, put, TEXT } from '../support/records.js';
import { errorOf, rejectsWithCode } from '../support/rejects.js';
import { walkKeys } from '../support/walk-keys.js';

/** What is left of a store that was dropped: nothing. */
export const DROP_CASES: readonly ConformanceCase[] = defineGroup('drop', [
  {
    id: 'KVS-084',
    behaviour: 'A dropped store is not found, not listed and not opened by its id.',
    run: async ({ backend }) => {
      for (const ref of [{ name: 'gone' }, { alias: 'gone' }, {}]) {
        const store = await backend.openKeyValueStore(ref);
        await put(store, 'key', 'value');
        await store.drop();
        assert.equal(await backend.findKeyValueStore(ref), undefined);
        assert.equal(await backend.findKeyValueStore({ id: store.id }), undefined);
        assert.deepEqual(await backend.listKeyValueStores(), []);
        await rejectsWithCode('KV_STORAGE_NOT_FOUND', 'opening by id', () =>
          backend.openKeyValueStore({ id: store.id }),
        );
      }
    },
  },
  {
    id: 'KVS-085',
    behaviour: 'Every method of every handle of a dropped store raises `KV_STORAGE_NOT_FOUND`.',
    run: async ({ backend }) => {
      for (const ref of [{ name: 'gone' }, {}]) {
        const store = await backend.openKeyValueStore(ref);
        const other = await backend.openKeyValueStore(ref);
        await put(store, 'key', 'value');
        await store.drop();
        for (const handle of [store, other]) {
          for (const [name, operation] of storeOperations(handle, backend)) {
            await rejectsWithCode('KV_STORAGE_NOT_FOUND', name, operation);
          }
        }
        assert.deepEqual(await backend.listKeyValueStores(), [], 'no attempt brings it back');
      }
    },
  },
  {
    id: 'KVS-086',
    behaviour: 'A store that is opened again after a drop is a new one: empty, without the title of the old one.',
    run: async ({ backend }) => {
      for (const ref of [{ name: 'again' }, { alias: 'again' }, {}]) {
        const old = await backend.openKeyValueStore(ref);
        await put(old, 'key', 'old');
        await put(old, 'INPUT', 'old');
        await old.update({ title: 'Old' });
        await old.drop();
        const store = await backend.openKeyValueStore(ref);
        assert.deepEqual(await walkKeys(store), []);
        await assertAbsent(store, 'INPUT');
        assert.equal((await store.getInfo()).title, undefined);
        await put(store, 'key', 'new');
        await assertRecord(store, 'key', 'new');
      }
    },
  },
  {
    id: 'KVS-087',
    behaviour: 'Handles of a dropped store stay useless when a new store takes its name.',
    run: async ({ backend }) => {
      const old = await backend.openKeyValueStore({ name: 'again' });
      const other = await backend.openKeyValueStore({ name: 'again' });
      await old.drop();
      const store = await backend.openKeyValueStore({ name: 'again' });
      assert.notEqual(store.id, old.id);
      await put(store, 'key', 'new');
      for (const handle of [old, other]) {
        for (const [name, operation] of storeOperations(handle, backend)) {
          await rejectsWithCode('KV_STORAGE_NOT_FOUND', name, operation);
        }
      }
      await assertRecord(store, 'key', 'new');
    },
  },
  {
    id: 'KVS-104',
    behaviour:
      'A write whose stream ends after the store was dropped raises `KV_STORAGE_NOT_FOUND`, and brings nothing back.',
    run: async ({ backend }) => {
      const store = await backend.openKeyValueStore({ name: 'gone' });
      const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
      const writer = writable.getWriter();
      const write = errorOf('setRecord', () => store.setRecord({ key: 'key', value: readable, contentType: TEXT }));
      await writer.write(bytes('half'));
      await store.drop();
      // The backend may have cancelled the stream.
      await writer.close().catch(() => {});
      const error = await write;
      await rejectsWithCode('KV_STORAGE_NOT_FOUND', 'setRecord', () => Promise.reject(error));
      assert.deepEqual(await backend.listKeyValueStores(), []);
      assert.deepEqual(await walkKeys(await backend.openKeyValueStore({ name: 'gone' })), []);
    },
  },
  {
    id: 'KVS-088',
    behaviour: 'Dropping a store leaves the others alone.',
    run: async ({ backend }) => {
      const refs = [{ name: 'drop-me-not' }, { name: 'drop' }, { alias: 'drop-me' }, {}];
      for (const ref of refs) await put(await backend.openKeyValueStore(ref), 'key', JSON.stringify(ref));
      await (await backend.openKeyValueStore({ name: 'drop-me' })).drop();
      for (const ref of refs) await assertRecord(await backend.openKeyValueStore(ref), 'key', JSON.stringify(ref));
      assert.equal((await backend.listKeyValueStores()).length, 4);
    },
  },
]);
