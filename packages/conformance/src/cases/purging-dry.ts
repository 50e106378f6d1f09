import assert from 'node:assert/strict';
import type { PurgeOptions, PurgeResult } from '@kv/core';
import { defineGroup } from '../conformance-case.js';
import type { ConformanceCase } from '../conformance-case.js';
import { assertRecord, inStore, putAll } from '../support/records.js';
import { walkKeys } from '../support/walk-keys.js';

// Not in the order of keys, so that one sees who sorts them.
const KEYS = ['photo', 'STATE.json', 'INPUT', 'z', 'OUTPUT', 'STATE', 'a', 'input.json', 'Z'];

/** Purges that only tell what they would do. */
export const DRY_PURGE_CASES: readonly ConformanceCase[] = defineGroup('purge as a dry run', [
  {
    id: 'KVS-107',
    behaviour: 'A dry run of a purge of a store removes nothing, and tells the number and the keys, ascending.',
    run: inStore(async (store) => {
      await putAll(store, KEYS);
      assert.deepEqual(pick(await store.purge({ dryRun: true })), {
        id: store.id,
        label: 'records',
        removed: 7,
        kept: 2,
        removedKeys: ['OUTPUT', 'STATE', 'STATE.json', 'Z', 'a', 'photo', 'z'],
      });
      assert.deepEqual(pick(await store.purge({ dryRun: true, keepKeys: ['STATE', 'absent'] })), {
        id: store.id,
        label: 'records',
        removed: 5,
        kept: 4,
        removedKeys: ['OUTPUT', 'Z', 'a', 'photo', 'z'],
      });
      assert.deepEqual(await walkKeys(store), KEYS.toSorted());
      for (const key of KEYS) await assertRecord(store, key, key);
    }),
  },
  {
    id: 'KVS-108',
    behaviour: 'A purge of a store removes the keys that its dry run told, and no others.',
    run: inStore(async (store) => {
      for (const options of [{}, { keepKeys: ['STATE'] }, { keepKeys: ['photo', 'Z'], dryRun: false }]) {
        await putAll(store, KEYS);
        const { removedKeys, ...told } = pick(await store.purge({ ...options, dryRun: true }));
        assert.deepEqual(pick(await store.purge(options)), told, 'the purge tells the same, without the keys');
        const left = await walkKeys(store);
        assert.deepEqual([...left, ...(removedKeys ?? [])].toSorted(), KEYS.toSorted());
        assert.equal(left.length, told.kept);
      }
      await store.purge({ dryRun: undefined });
      assert.deepEqual(await store.purge({ dryRun: true }).then((result) => result.removedKeys), []);
    }),
  },
  {
    id: 'KVS-109',
    behaviour: 'A dry run of a purge of the backend removes nothing, and tells of each store what the purge then does.',
    needs: ['purge'],
    run: async ({ backend }) => {
      const refs = [{}, { alias: 'one' }, { name: 'named' }];
      const stores = await Promise.all(refs.map((ref) => backend.openKeyValueStore(ref)));
      for (const store of stores) await putAll(store, KEYS);
      const purge = async (options: PurgeOptions): Promise<PurgeResult[]> =>
        (await backend.purge(options)).map(pick).toSorted((a, b) => (a.label < b.label ? -1 : 1));
      const keepKeys = ['STATE'];
      const told = await purge({ keepKeys, dryRun: true });
      const removedKeys = ['OUTPUT', 'Z', 'a', 'photo', 'z'];
      assert.deepEqual(told, [
        { id: stores[0]?.id, label: 'default', removed: 5, kept: 4, removedKeys },
        { id: stores[1]?.id, label: 'one', removed: 5, kept: 4, removedKeys },
      ]);
      for (const store of stores) assert.deepEqual(await walkKeys(store), KEYS.toSorted(), 'nothing is removed');
      const done = await purge({ keepKeys, dryRun: false });
      assert.deepEqual(
        done,
        told.map(({ id, label, removed, kept }) => ({ id, label, removed, kept })),
      );
      const kept = ['INPUT', 'STATE', 'STATE.json', 'input.json'];
      for (const [index, store] of stores.entries()) {
        assert.deepEqual(await walkKeys(store), index === 2 ? KEYS.toSorted() : kept);
      }
    },
  },
  {
    id: 'KVS-110',
    behaviour: 'A dry run of a purge of a backend without stores tells nothing, and creates none.',
    needs: ['purge'],
    run: async ({ backend }) => {
      assert.deepEqual(await backend.purge({ dryRun: true }), []);
      assert.deepEqual(await backend.listKeyValueStores(), []);
    },
  },
]);

function pick({ id, label, removed, kept, removedKeys }: PurgeResult): PurgeResult {
  return { id, label, removed, kept, ...(removedKeys === undefined ? {} : { removedKeys }) };
}
