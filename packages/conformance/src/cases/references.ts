import assert from 'node:assert/strict';
import { createStorageId } from '@kv/core';
import type { KeyValueStoreInfo, StorageRef } from '@kv/core';
import { defineGroup } from '../conformance-case.js';
import type { ConformanceCase } from '../conformance-case.js';
import { put } from '../support/records.js';
import { rejectsWithClass, rejectsWithCode } from '../support/rejects.js';

const NOT_REFERENCES = [
  { id: 'a', name: 'b' },
  { name: 'a', alias: 'a' },
  { id: 'a', alias: 'b' },
  { id: 7 },
  { name: null },
  { alias: {} },
  null,
  'name',
] as unknown as StorageRef[];

const ILLEGAL_NAMES = ['', '-a', 'a-', '-', 'a b', 'a_b', 'a.b', '../a', 'a/b', 'é', 'x'.repeat(64), 'a\n'];
const ILLEGAL_ALIASES = ['', '.', '..', 'a/b', 'a b', 'ü', 'a\0', 'x'.repeat(64)];

/** What is said to a reference that means no store, and how stores are looked up without creating them. */
export const REFERENCE_CASES: readonly ConformanceCase[] = defineGroup('references', [
  {
    id: 'KVS-011',
    behaviour: 'Opening by an id that no store has raises `KV_STORAGE_NOT_FOUND`; a name or an alias is no id.',
    run: async ({ backend }) => {
      await backend.openKeyValueStore({ name: 'a-name' });
      await backend.openKeyValueStore({ alias: 'an-alias' });
      for (const id of ['a-name', 'an-alias', createStorageId(), '', '../a-name', 'constructor']) {
        await rejectsWithCode('KV_STORAGE_NOT_FOUND', `opening ${JSON.stringify({ id })}`, () =>
          backend.openKeyValueStore({ id }),
        );
      }
      assert.equal((await backend.listKeyValueStores()).length, 2, 'an attempt creates nothing');
    },
  },
  {
    id: 'KVS-012',
    behaviour: 'A reference that is not of one form raises a `TypeError`, when opening and when finding.',
    run: async ({ backend }) => {
      for (const ref of NOT_REFERENCES) {
        const what = JSON.stringify(ref);
        await rejectsWithClass(TypeError, `opening ${what}`, async () => backend.openKeyValueStore(ref));
        await rejectsWithClass(TypeError, `finding ${what}`, async () => backend.findKeyValueStore(ref));
      }
      assert.deepEqual(await backend.listKeyValueStores(), [], 'nothing was created');
    },
  },
  {
    id: 'KVS-013',
    behaviour: 'A name or an alias that is not legal raises `KV_NAME_INVALID`, and creates nothing.',
    run: async ({ backend }) => {
      const refs = [...ILLEGAL_NAMES.map((name) => ({ name })), ...ILLEGAL_ALIASES.map((alias) => ({ alias }))];
      for (const ref of refs) {
        const what = JSON.stringify(ref);
        await rejectsWithCode('KV_NAME_INVALID', `opening ${what}`, async () => backend.openKeyValueStore(ref));
        await rejectsWithCode('KV_NAME_INVALID', `finding ${what}`, async () => backend.findKeyValueStore(ref));
      }
      assert.deepEqual(await backend.listKeyValueStores(), [], 'nothing was created');
    },
  },
  {
    id: 'KVS-014',
    behaviour: 'Finding a store that does not exist gives `undefined`, and does not create it.',
    run: async ({ backend }) => {
      const refs = [{}, { name: 'nobody' }, { alias: 'nobody' }, { id: createStorageId() }];
      for (const ref of refs) assert.equal(await backend.findKeyValueStore(ref), undefined);
      for (const ref of refs) assert.equal(await backend.findKeyValueStore(ref), undefined);
      assert.deepEqual(await backend.listKeyValueStores(), []);
    },
  },
  {
    id: 'KVS-015',
    behaviour: 'A store is found by its name, its alias, its id and as the default, with what is known of it.',
    run: async ({ backend }) => {
      for (const ref of [{}, { name: 'found' }, { alias: 'found' }]) {
        const store = await backend.openKeyValueStore(ref);
        await put(store, 'key', 'value');
        const info = await store.getInfo();
        assert.equal(info.id, store.id);
        assert.deepEqual({ name: info.name, alias: info.alias }, { name: undefined, alias: undefined, ...ref });
        for (const same of [ref, { id: store.id }]) {
          const found = await backend.findKeyValueStore(same);
          assert.ok(found, `${JSON.stringify(same)} is found`);
          assert.deepEqual(pick(found), pick(info), `finding ${JSON.stringify(same)} gives what getInfo gives`);
        }
      }
    },
  },
  {
    id: 'KVS-016',
    behaviour: 'All stores are listed, by creation time and then by id.',
    run: async ({ backend }) => {
      const names = ['m', 'z', 'a', 'q', 'c', 'x', 'b', 'y', 'd', 'w'];
      const ids = [];
      for (const name of names) {
        ids.push((await backend.openKeyValueStore(ids.length % 2 === 0 ? { name } : { alias: name })).id);
        // Some are created in one tick of the clock and some are not.
        if (ids.length % 3 === 0) await new Promise((resolve) => setTimeout(resolve, 3));
      }
      ids.push((await backend.openKeyValueStore({})).id);
      const infos = await backend.listKeyValueStores();
      assert.deepEqual(infos.map(({ id }) => id).toSorted(), ids.toSorted(), 'each is listed once');
      const order = infos.map(({ createdAt, id }) => `${createdAt.toISOString()} ${id}`);
      assert.deepEqual(order, order.toSorted(), 'they are in order');
      for (const info of infos) {
        const found = await backend.findKeyValueStore({ id: info.id });
        assert.deepEqual(pick(info), found && pick(found), 'the listing gives what finding gives');
      }
    },
  },
]);

/** What does not change by itself: times of use may. */
function pick({ id, name, alias, createdAt }: KeyValueStoreInfo): Partial<Record<keyof KeyValueStoreInfo, unknown>> {
  return { id, name, alias, createdAt };
}
