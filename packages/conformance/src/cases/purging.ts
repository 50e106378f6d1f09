import assert from 'node:assert/strict';
import type { PurgeResult } from '@kv/core';
import { defineGroup } from '../conformance-case.js';
import type { ConformanceCase } from '../conformance-case.js';
import { assertRecord, inStore, put, putAll } from '../support/records.js';
import { walkKeys } from '../support/walk-keys.js';

const KEYS = ['INPUT', 'INPUT2', 'MY-INPUT', 'OUTPUT', 'STATE', 'STATE2', 'photo'];

/** What a purge removes and what it keeps. */
export const PURGE_CASES: readonly ConformanceCase[] = defineGroup('purge', [
  {
    id: 'KVS-077',
    behaviour: 'A purge of a store removes its records, all but `INPUT`, whatever its type, and tells how many.',
    run: inStore(async (store) => {
      for (const type of ['application/json; charset=utf-8', 'text/plain', 'image/png']) {
        await putAll(store, KEYS);
        await put(store, 'INPUT', 'the input', type);
        await put(store, 'photo', 'a photo', type);
        assert.deepEqual(pick(await store.purge()), { id: store.id, label: 'records', removed: 6, kept: 1 });
        assert.deepEqual(await walkKeys(store), ['INPUT']);
        await assertRecord(store, 'INPUT', 'the input', type);
      }
    }),
  },
  {
    id: 'KVS-078',
    behaviour: 'A purge keeps what `keepKeys` names, besides `INPUT`.',
    run: inStore(async (store) => {
      await putAll(store, KEYS);
      const result = await store.purge({ keepKeys: ['STATE', 'photo', 'absent'] });
      assert.deepEqual(pick(result), { id: store.id, label: 'records', removed: 4, kept: 3 });
      assert.deepEqual(await walkKeys(store), ['INPUT', 'STATE', 'photo']);
      for (const key of ['INPUT', 'STATE', 'photo']) await assertRecord(store, key, key);
      assert.deepEqual(pick(await store.purge({ keepKeys: [] })), {
        id: store.id,
        label: 'records',
        removed: 2,
        kept: 1,
      });
      assert.deepEqual(await walkKeys(store), ['INPUT']);
    }),
  },
  {
    id: 'KVS-106',
    behaviour: 'A purge keeps `INPUT` and what `keepKeys` names in any case and with any extension.',
    run: inStore(async (store) => {
      const kept = ['INPUT', 'Input.JSON', 'State', 'input.xml', 'state.tar.gz'];
      await putAll(store, [...kept, 'INPUT-2.json', 'MY.INPUT', 'STATES', 'state-1.gz']);
      await store.purge({ keepKeys: ['STATE'] });
      assert.deepEqual(await walkKeys(store), kept);
    }),
  },
  {
    id: 'KVS-079',
    behaviour: 'A purged store is the same store: id, name and title stay, and it takes records again.',
    run: inStore(async (store, backend) => {
      await store.update({ title: 'A title' });
      await putAll(store, KEYS);
      await store.purge();
      const { id, name, title } = await store.getInfo();
      assert.deepEqual({ id, name, title }, { id: store.id, name: 'records', title: 'A title' });
      await put(store, 'STATE', 'again');
      await assertRecord(await backend.openKeyValueStore({ name: 'records' }), 'STATE', 'again');
    }),
  },
  {
    id: 'KVS-080',
    behaviour: 'A purge of the backend empties the default store and those of aliases, and never touches named ones.',
    needs: ['purge'],
    run: async ({ backend }) => {
      const refs = [{}, { alias: 'one' }, { alias: 'two' }, { name: 'one' }, { name: 'default' }];
      const stores = await Promise.all(refs.map((ref) => backend.openKeyValueStore(ref)));
      for (const store of stores) await putAll(store, KEYS);
      await backend.purge();
      for (const store of stores.slice(0, 3)) assert.deepEqual(await walkKeys(store), ['INPUT']);
      for (const store of stores.slice(3)) assert.deepEqual(await walkKeys(store), KEYS.toSorted());
      for (const [index, ref] of refs.entries()) {
        assert.equal((await backend.openKeyValueStore(ref)).id, stores[index]?.id, 'ids stay');
      }
    },
  },
  {
    id: 'KVS-081',
    behaviour: 'A purge of the backend tells of each store that it emptied, and keeps what `keepKeys` names.',
    needs: ['purge'],
    run: async ({ backend }) => {
      const [main, one] = [await backend.openKeyValueStore({}), await backend.openKeyValueStore({ alias: 'one' })];
      await putAll(main, KEYS);
      await putAll(one, ['STATE', 'x']);
      await putAll(await backend.openKeyValueStore({ name: 'named' }), KEYS);
      const results = (await backend.purge({ keepKeys: ['STATE'] })).map(pick);
      assert.deepEqual(
        results.toSorted((a, b) => a.label.localeCompare(b.label)),
        [
          { id: main.id, label: 'default', removed: 5, kept: 2 },
          { id: one.id, label: 'one', removed: 1, kept: 1 },
        ],
      );
      assert.deepEqual(await walkKeys(main), ['INPUT', 'STATE']);
      assert.deepEqual(await walkKeys(one), ['STATE']);
    },
  },
  {
    id: 'KVS-082',
    behaviour: 'A purge of a backend without stores does nothing, and creates none.',
    needs: ['purge'],
    run: async ({ backend }) => {
      assert.deepEqual(await backend.purge(), []);
      await backend.openKeyValueStore({ name: 'named' });
      assert.deepEqual(await backend.purge(), []);
      assert.equal((await backend.listKeyValueStores()).length, 1);
    },
  },
  {
    id: 'KVS-083',
    behaviour: 'A store of an alias that got a name is not purged any more.',
    needs: ['purge'],
    run: async ({ backend }) => {
      const store = await backend.openKeyValueStore({ alias: 'temporary' });
      await put(store, 'key', 'value');
      await store.update({ name: 'kept' });
      assert.deepEqual(await backend.purge(), []);
      await assertRecord(store, 'key', 'value');
    },
  },
]);

function pick({ id, label, removed, kept }: PurgeResult): PurgeResult {
  return { id, label, removed, kept };
}
