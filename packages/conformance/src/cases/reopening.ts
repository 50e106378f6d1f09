import assert from 'node:assert/strict';
import type { KeyValueStoreInfo, RecordInfo, StorageBackend } from '@kv/core';
import { defineGroup } from '../conformance-case.js';
import type { ConformanceCase } from '../conformance-case.js';
import { noise } from '../support/bytes.js';
import { assertAbsent, assertRecord, put, putAll } from '../support/records.js';
import { withReopen } from '../support/reopening.js';
import { rejectsWithCode } from '../support/rejects.js';
import { walkKeys } from '../support/walk-keys.js';

/** Records of many sizes and types. */
const RECORDS: readonly (readonly [key: string, value: Uint8Array, contentType: string])[] = [
  ['empty', noise(0), 'text/plain'],
  ['OUTPUT', noise(40), 'application/json; charset=utf-8'],
  ['photo', noise(3000), 'image/png'],
  ['photo.png', noise(300_000), 'image/png'],
  ["a.b'(!)-_", noise(10), 'Application/X-Own; a="b c"'],
  ['large', noise(1_200_000), 'text/plain; charset=utf-8'],
];

/** What another backend finds on the place of one that was closed. */
export const REOPEN_CASES: readonly ConformanceCase[] = defineGroup('reopening', [
  {
    id: 'KVS-130',
    behaviour: 'Another backend on the place finds each record: value, type, size, etag and time of modification.',
    needs: ['persistent'],
    run: withReopen(async (backend, reopen) => {
      const before = await storeRecords(backend);
      await backend.close();
      const store = await (await reopen()).openKeyValueStore({ name: 'records' });
      assert.deepEqual(await walkKeys(store), RECORDS.map(([key]) => key).toSorted());
      for (const [index, [key, value, contentType]] of RECORDS.entries()) {
        const { etag, modifiedAt } = await assertRecord(store, key, value, contentType);
        assert.deepEqual({ etag, modifiedAt }, before[index], `the version of ${key}`);
      }
    }),
  },
  {
    id: 'KVS-131',
    behaviour: 'Another backend on the place finds each store with its id, name, alias, title, access and times.',
    needs: ['persistent'],
    run: withReopen(async (backend, reopen) => {
      const refs = [{}, { name: 'word' }, { alias: 'word' }, { name: 'other' }];
      const infos: KeyValueStoreInfo[] = [];
      for (const ref of refs) {
        const store = await backend.openKeyValueStore(ref);
        await store.update({ title: `The title of ${JSON.stringify(ref)}`, generalAccess: 'RESTRICTED' });
        await put(store, 'key', JSON.stringify(ref));
      }
      for (const ref of refs) infos.push(await (await backend.openKeyValueStore(ref)).getInfo());
      await backend.close();
      const another = await reopen();
      assert.equal((await another.listKeyValueStores()).length, refs.length);
      for (const [index, ref] of refs.entries()) {
        const found = await another.findKeyValueStore(ref);
        assert.deepEqual(found && lasting(found), lasting(infos[index] as KeyValueStoreInfo));
        const store = await another.openKeyValueStore(ref);
        assert.equal(store.id, infos[index]?.id);
        await assertRecord(store, 'key', JSON.stringify(ref));
        await assertRecord(await another.openKeyValueStore({ id: store.id }), 'key', JSON.stringify(ref));
      }
    }),
  },
  {
    id: 'KVS-132',
    behaviour: 'What was deleted, purged, renamed or dropped is so for another backend on the place, too.',
    needs: ['persistent'],
    run: withReopen(async (backend, reopen) => {
      const [records, purged, old, dropped] = await Promise.all(
        ['records', 'purged', 'old', 'dropped'].map((name) => backend.openKeyValueStore({ name })),
      );
      assert.ok(records && purged && old && dropped);
      for (const store of [records, purged, old, dropped]) await putAll(store, ['INPUT', 'key', 'other']);
      await records.deleteRecord('key');
      await purged.purge();
      await old.update({ name: 'new' });
      await dropped.drop();
      await backend.close();
      const another = await reopen();
      const storeOf = async (name: string): Promise<string[]> => walkKeys(await another.openKeyValueStore({ name }));
      assert.deepEqual(await storeOf('records'), ['INPUT', 'other']);
      await assertAbsent(await another.openKeyValueStore({ name: 'records' }), 'key');
      assert.deepEqual(await storeOf('purged'), ['INPUT']);
      assert.deepEqual(await storeOf('new'), ['INPUT', 'key', 'other']);
      for (const name of ['old', 'dropped']) assert.equal(await another.findKeyValueStore({ name }), undefined);
      await rejectsWithCode('KV_STORAGE_NOT_FOUND', 'opening', () => another.openKeyValueStore({ id: dropped.id }));
    }),
  },
  {
    id: 'KVS-133',
    behaviour: 'A backend that is closed leaves another one on its place at work, and a third may be opened.',
    needs: ['persistent'],
    run: withReopen(async (backend, reopen) => {
      const another = await reopen();
      const store = await another.openKeyValueStore({ name: 'records' });
      await put(await backend.openKeyValueStore({ name: 'records' }), 'first', 'value');
      await backend.close();
      await put(store, 'second', 'value');
      assert.deepEqual(await walkKeys(store), ['first', 'second']);
      const third = await (await reopen()).openKeyValueStore({ name: 'records' });
      await another.close();
      assert.deepEqual(await walkKeys(third), ['first', 'second']);
    }),
  },
]);

/** Stores {@link RECORDS}, every other one as a stream, and tells of the versions. */
async function storeRecords(backend: StorageBackend): Promise<Pick<RecordInfo, 'etag' | 'modifiedAt'>[]> {
  const store = await backend.openKeyValueStore({ name: 'records' });
  for (const [index, [key, value, contentType]] of RECORDS.entries()) {
    const body = index % 2 === 0 ? value : new Blob([value]).stream();
    await store.setRecord({ key, value: body, contentType });
  }
  // A clock that ticks slowly must not hide that times are those of the opening.
  await new Promise((resolve) => setTimeout(resolve, 20));
  const infos = await Promise.all(RECORDS.map(([key]) => store.getRecordInfo(key)));
  return infos.map((info) => {
    assert.ok(info, 'there is a record');
    return { etag: info.etag, modifiedAt: info.modifiedAt };
  });
}

/** What of a store stays as it is when the store is only opened and read. */
function lasting(info: KeyValueStoreInfo): Record<string, unknown> {
  const { id, name, alias, title, generalAccess, createdAt, modifiedAt } = info;
  return { id, name, alias, title, generalAccess, createdAt, modifiedAt };
}
