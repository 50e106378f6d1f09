import assert from 'node:assert/strict';
import { assertContractVersion } from '@kv/core';
import type { StorageRef } from '@kv/core';
import { defineGroup } from '../conformance-case.js';
import type { ConformanceCase } from '../conformance-case.js';
import { assertAbsent, assertRecord, put } from '../support/records.js';
import { walkKeys } from '../support/walk-keys.js';

/** How stores are opened, and what makes two of them one. */
export const OPENING_CASES: readonly ConformanceCase[] = defineGroup('opening', [
  {
    id: 'KVS-001',
    behaviour: 'Backends that were opened apart share nothing.',
    run: async ({ backend, open }) => {
      const other = await open();
      for (const ref of [{}, { name: 'same' }, { alias: 'same' }]) {
        await put(await backend.openKeyValueStore(ref), 'key', 'here');
        await assertAbsent(await other.openKeyValueStore(ref), 'key');
      }
    },
  },
  {
    id: 'KVS-002',
    behaviour: 'Name, location and capabilities tell what the backend is.',
    run: async ({ backend }) => {
      assert.match(backend.name, /./);
      assert.match(backend.location, /./);
      const { purge, publicUrls, conditionalWrites, persistent } = backend.capabilities;
      for (const [capability, flag] of Object.entries({ purge, publicUrls, conditionalWrites, persistent })) {
        assert.equal(typeof flag, 'boolean', `the capability ${capability} is true or false`);
      }
    },
  },
  {
    id: 'KVS-105',
    behaviour: 'The backend states the version of the contract that this suite checks.',
    run: async ({ backend }) => assertContractVersion(backend),
  },
  {
    id: 'KVS-003',
    behaviour: 'A store that does not exist is created empty, by name, by alias and as the default.',
    run: async ({ backend }) => {
      for (const ref of [{}, { name: 'new' }, { alias: 'new-alias' }]) {
        const store = await backend.openKeyValueStore(ref);
        assert.deepEqual(await walkKeys(store), []);
        await put(store, 'key', 'value');
        await assertRecord(store, 'key', 'value');
      }
    },
  },
  {
    id: 'KVS-004',
    behaviour:
      'A store is the same one whenever it is opened: its id stays, and each handle sees what the others write.',
    run: async ({ backend }) => {
      for (const ref of [{}, { name: 'again' }, { alias: 'again' }]) {
        const first = await backend.openKeyValueStore(ref);
        await put(first, 'key', 'by the first');
        const second = await backend.openKeyValueStore(ref);
        assert.equal(second.id, first.id);
        await assertRecord(second, 'key', 'by the first');
        await put(second, 'key', 'by the second');
        await assertRecord(first, 'key', 'by the second');
        const third = await backend.openKeyValueStore({ id: first.id });
        assert.equal(third.id, first.id);
        await third.deleteRecord('key');
        await assertAbsent(first, 'key');
      }
    },
  },
  {
    id: 'KVS-005',
    behaviour: 'The aliases `default` and `__default__` mean the default store; the name `default` does not.',
    run: async ({ backend }) => {
      const { id } = await backend.openKeyValueStore({});
      assert.equal((await backend.openKeyValueStore({ alias: 'default' })).id, id);
      assert.equal((await backend.openKeyValueStore({ alias: '__default__' })).id, id);
      const named = await backend.openKeyValueStore({ name: 'default' });
      assert.notEqual(named.id, id);
      assert.equal((await named.getInfo()).name, 'default');
    },
  },
  {
    id: 'KVS-006',
    behaviour: 'A name and an alias of the same word are two stores.',
    run: async ({ backend }) => {
      const refs: StorageRef[] = [{ name: 'word' }, { alias: 'word' }];
      for (const order of [refs, refs.toReversed()]) {
        for (const ref of order) await put(await backend.openKeyValueStore(ref), 'key', JSON.stringify(ref));
        for (const ref of order) await assertRecord(await backend.openKeyValueStore(ref), 'key', JSON.stringify(ref));
        for (const ref of order) await (await backend.openKeyValueStore(ref)).drop();
      }
    },
  },
  {
    id: 'KVS-007',
    behaviour: 'Nothing leaks between stores whose names look alike: `a`, `ab`, `a-b`, `A`.',
    run: async ({ backend }) => {
      const names = ['a', 'ab', 'a-b', 'A'];
      for (const name of names) await put(await backend.openKeyValueStore({ name }), `key-${name}`, name);
      for (const name of names) {
        const store = await backend.openKeyValueStore({ name });
        assert.deepEqual(await walkKeys(store), [`key-${name}`]);
      }
      await (await backend.openKeyValueStore({ name: 'a' })).purge();
      await (await backend.openKeyValueStore({ name: 'a' })).drop();
      for (const name of names.slice(1)) {
        await assertRecord(await backend.openKeyValueStore({ name }), `key-${name}`, name);
      }
    },
  },
  {
    id: 'KVS-008',
    behaviour: 'Every legal name and alias is taken to the letter.',
    run: async ({ backend }) => {
      const names = ['a', '7', 'x'.repeat(63), 'a-b', 'a--b', 'CON', 'INPUT', '0-0', 'constructor'];
      const aliases = ['a', 'a.b', '..a', "!-_.'()", '-', '_', 'x'.repeat(63), 'toString'];
      const refs = [...names.map((name) => ({ name })), ...aliases.map((alias) => ({ alias }))];
      for (const ref of refs) await put(await backend.openKeyValueStore(ref), 'key', JSON.stringify(ref));
      for (const ref of refs) {
        const store = await backend.openKeyValueStore(ref);
        await assertRecord(store, 'key', JSON.stringify(ref));
        const { name, alias } = await store.getInfo();
        assert.deepEqual({ name, alias }, { name: undefined, alias: undefined, ...ref });
      }
    },
  },
  {
    id: 'KVS-009',
    behaviour: 'Of 20 that open the same new store at once, all get the same one.',
    run: async ({ backend }) => {
      for (const ref of [{ name: 'rush' }, { alias: 'rush' }, {}]) {
        const before = (await backend.listKeyValueStores()).length;
        const stores = await Promise.all(Array.from({ length: 20 }, () => backend.openKeyValueStore(ref)));
        assert.equal(new Set(stores.map(({ id }) => id)).size, 1, 'all have the same id');
        assert.equal((await backend.listKeyValueStores()).length, before + 1, 'one store was created');
        await Promise.all(stores.map((store, index) => put(store, `key-${index}`, 'value')));
        assert.equal((await walkKeys(await backend.openKeyValueStore(ref))).length, 20, 'all write into one store');
      }
    },
  },
  {
    id: 'KVS-010',
    behaviour:
      'Ids of created stores are 17 characters of `[a-zA-Z0-9]` that nobody can guess and that never come twice.',
    run: async ({ backend }) => {
      const opens = Array.from({ length: 60 }, async (_, index) =>
        backend.openKeyValueStore(index % 2 === 0 ? { name: `store-${index}` } : { alias: `store-${index}` }),
      );
      const ids = (await Promise.all(opens)).map(({ id }) => id);
      for (const id of ids) assert.match(id, /^[a-zA-Z0-9]{17}$/);
      assert.equal(new Set(ids).size, 60);
      for (let position = 0; position < 17; position += 1) {
        const characters = new Set(ids.map((id) => id[position]));
        assert.ok(
          characters.size >= 10,
          `position ${position + 1} of the ids hardly changes: ${[...characters].join('')}`,
        );
      }
      const dropped = await backend.openKeyValueStore({ name: 'store-0' });
      await dropped.drop();
      assert.notEqual((await backend.openKeyValueStore({ name: 'store-0' })).id, dropped.id, 'an id comes once');
    },
  },
]);
