import assert from 'node:assert/strict';
import type { KeyValueStoreBackend, KeyValueStoreChanges, KeyValueStoreInfo } from '@kv/core';
import { defineGroup } from '../conformance-case.js';
import type { ConformanceCase } from '../conformance-case.js';
import { assertRecord, inStore, put } from '../support/records.js';
import { rejectsWithClass, rejectsWithCode } from '../support/rejects.js';

/** What is known of a store, and how it changes. */
export const STORE_INFO_CASES: readonly ConformanceCase[] = defineGroup('store info', [
  {
    id: 'KVS-017',
    behaviour: 'The times of a store are dates: creation stays, modification comes after it and follows the writes.',
    run: inStore(async (store) => {
      const first = await store.getInfo();
      for (const date of [first.createdAt, first.modifiedAt, first.accessedAt]) {
        assert.ok(date instanceof Date && !Number.isNaN(date.getTime()), 'a time is a valid date');
      }
      assert.ok(first.modifiedAt >= first.createdAt, 'modifiedAt is not before createdAt');
      assert.ok(first.accessedAt >= first.createdAt, 'accessedAt is not before createdAt');
      await modifiedAfter(store, first, 'a write', () => put(store, 'key', 'value'));
      await modifiedAfter(store, await store.getInfo(), 'an update', () => store.update({ title: 'A title' }));
      assert.deepEqual((await store.getInfo()).createdAt, first.createdAt, 'createdAt stays');
    }),
  },
  {
    id: 'KVS-018',
    behaviour:
      'An update sets title and access, keeps what is not given, removes what is `null`, and gives the result.',
    run: inStore(async (store, backend) => {
      const expectInfo = async (given: KeyValueStoreInfo, expected: Partial<KeyValueStoreInfo>): Promise<void> => {
        const other = await backend.openKeyValueStore({ id: store.id });
        for (const info of [given, await store.getInfo(), await other.getInfo()]) {
          const { id, name, title, generalAccess } = info;
          assert.deepEqual(
            { id, name, title, generalAccess },
            { id: store.id, name: 'records', title: undefined, generalAccess: undefined, ...expected },
          );
        }
      };
      const [title, generalAccess] = ['Title: "é" <b>', 'RESTRICTED'];
      await expectInfo(await store.update({ title }), { title });
      await expectInfo(await store.update({ generalAccess }), { title, generalAccess });
      await expectInfo(await store.update({}), { title, generalAccess });
      await expectInfo(await store.update({ title: null }), { generalAccess });
      await expectInfo(await store.update({ title: 'Second' }), { title: 'Second', generalAccess });
      await expectInfo(await store.update({ generalAccess: null }), { title: 'Second' });
    }),
  },
  {
    id: 'KVS-019',
    behaviour: 'A store with a new name is found by it and by its id, keeps its records, and leaves the old name free.',
    run: inStore(async (store, backend) => {
      const earlier = await backend.openKeyValueStore({ name: 'records' });
      await put(store, 'key', 'value');
      const info = await store.update({ name: 'renamed' });
      assert.deepEqual([info.id, info.name], [store.id, 'renamed']);
      await assertRecord(store, 'key', 'value');
      await put(store, 'after', 'value');
      await assertRecord(earlier, 'after', 'value');
      assert.equal((await earlier.getInfo()).name, 'renamed');
      for (const ref of [{ name: 'renamed' }, { id: store.id }]) {
        const same = await backend.openKeyValueStore(ref);
        assert.equal(same.id, store.id);
        await assertRecord(same, 'after', 'value');
      }
      assert.equal(await backend.findKeyValueStore({ name: 'records' }), undefined, 'the old name is free');
      const other = await backend.openKeyValueStore({ name: 'records' });
      assert.notEqual(other.id, store.id);
    }),
  },
  {
    id: 'KVS-020',
    behaviour: 'A name that another store has raises `KV_NAME_TAKEN`, and nothing changes; its own name is no trouble.',
    run: inStore(async (store, backend) => {
      const other = await backend.openKeyValueStore({ name: 'taken' });
      await put(store, 'key', 'value');
      await put(other, 'key', 'of the other');
      await rejectsWithCode('KV_NAME_TAKEN', 'update', () => store.update({ name: 'taken', title: 'New' }));
      const { name, title } = await store.getInfo();
      assert.deepEqual({ name, title }, { name: 'records', title: undefined });
      await assertRecord(other, 'key', 'of the other');
      assert.equal((await store.update({ name: 'records', title: 'Same' })).title, 'Same');
      await assertRecord(store, 'key', 'value');
      await other.drop();
      assert.equal((await store.update({ name: 'taken' })).name, 'taken', 'the name of a dropped store is free');
    }),
  },
  {
    id: 'KVS-021',
    behaviour: 'Of ten stores that take one name at once, one gets it and nine raise `KV_NAME_TAKEN`.',
    run: async ({ backend }) => {
      const opens = Array.from({ length: 10 }, (_, index) => backend.openKeyValueStore({ name: `store-${index}` }));
      const stores = await Promise.all(opens);
      const updates = await Promise.allSettled(stores.map((store) => store.update({ name: 'wanted' })));
      const codes = updates.map((update) =>
        update.status === 'fulfilled' ? 'ok' : (update.reason as Error & { code?: string }).code,
      );
      assert.equal(codes.filter((code) => code === 'ok').length, 1, 'one gets the name');
      assert.equal(codes.filter((code) => code === 'KV_NAME_TAKEN').length, 9, 'nine are told that it is taken');
      const winner = stores[codes.indexOf('ok')];
      assert.equal((await backend.openKeyValueStore({ name: 'wanted' })).id, winner?.id);
      assert.equal((await backend.listKeyValueStores()).length, 10);
    },
  },
  {
    id: 'KVS-022',
    behaviour: 'A new name that is not legal raises `KV_NAME_INVALID`, and nothing changes.',
    run: inStore(async (store) => {
      for (const name of ['', '-a', 'a b', 'a_b', '../a', 'x'.repeat(64)]) {
        await rejectsWithCode('KV_NAME_INVALID', `the name ${JSON.stringify(name)}`, () =>
          store.update({ name, title: 'New' }),
        );
      }
      const { name, title } = await store.getInfo();
      assert.deepEqual({ name, title }, { name: 'records', title: undefined });
    }),
  },
  {
    id: 'KVS-103',
    behaviour: 'A title or an access that is neither a string nor `null` raises a `TypeError`, and nothing changes.',
    run: inStore(async (store) => {
      await store.update({ title: 'Old', generalAccess: 'RESTRICTED' });
      for (const changes of [
        { title: 7 },
        { title: {} },
        { generalAccess: true },
      ] as unknown as KeyValueStoreChanges[]) {
        await rejectsWithClass(TypeError, JSON.stringify(changes), async () => store.update(changes));
      }
      const { title, generalAccess } = await store.getInfo();
      assert.deepEqual({ title, generalAccess }, { title: 'Old', generalAccess: 'RESTRICTED' });
    }),
  },
  {
    id: 'KVS-023',
    behaviour: 'A store of an alias that gets a name is a named one: it keeps id and records, and the alias is free.',
    run: async ({ backend }) => {
      const store = await backend.openKeyValueStore({ alias: 'temporary' });
      await put(store, 'key', 'value');
      const info = await store.update({ name: 'kept' });
      assert.deepEqual([info.id, info.name, info.alias], [store.id, 'kept', undefined]);
      await assertRecord(await backend.openKeyValueStore({ name: 'kept' }), 'key', 'value');
      assert.equal(await backend.findKeyValueStore({ alias: 'temporary' }), undefined);
      assert.notEqual((await backend.openKeyValueStore({ alias: 'temporary' })).id, store.id);
    },
  },
]);

/** Repeats an operation until the store's time of modification has moved on: clocks tick, some of them slowly. */
async function modifiedAfter(
  store: KeyValueStoreBackend,
  { modifiedAt }: KeyValueStoreInfo,
  what: string,
  operation: () => Promise<unknown>,
): Promise<void> {
  const deadline = Date.now() + 3000;
  while (Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    await operation();
    if ((await store.getInfo()).modifiedAt > modifiedAt) return;
  }
  assert.fail(`${what} does not move modifiedAt`);
}
