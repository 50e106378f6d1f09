import assert from 'node:assert/strict';
import { defineGroup } from '../conformance-case.js';
import type { ConformanceCase } from '../conformance-case.js';
import { inStore, put, putAll } from '../support/records.js';
import { walk } from '../support/walk-keys.js';

const KEYS = Array.from({ length: 40 }, (_, index) => `key-${String(index).padStart(2, '0')}`);

/** Listings of a store that changes meanwhile. */
export const LISTING_MEANWHILE_CASES: readonly ConformanceCase[] = defineGroup('listing meanwhile', [
  {
    id: 'KVS-065',
    behaviour: 'A walk that deletes what it lists meets every key once, and leaves none.',
    run: inStore(async (store) => {
      for (const limit of [1, 7, 40]) {
        await putAll(store, KEYS);
        const seen = await walk(store, { limit }, async ({ items }) => {
          await Promise.all(items.map(({ key }) => store.deleteRecord(key)));
        });
        assert.deepEqual(
          seen.map(({ key }) => key),
          KEYS,
          `pages of ${limit}`,
        );
        assert.deepEqual(await walk(store), []);
      }
    }),
  },
  {
    id: 'KVS-066',
    behaviour: 'What is deleted ahead of a walk is not listed; what stays is listed once.',
    run: inStore(async (store) => {
      await putAll(store, KEYS);
      const [first, second] = [KEYS.slice(0, 20), KEYS.slice(20)];
      let isFirst = true;
      const seen = await walk(store, { limit: 5 }, async () => {
        if (isFirst)
          await Promise.all(second.filter((_, index) => index % 2 === 0).map((key) => store.deleteRecord(key)));
        isFirst = false;
      });
      assert.deepEqual(
        seen.map(({ key }) => key),
        [...first, ...second.filter((_, index) => index % 2 === 1)],
      );
    }),
  },
  {
    id: 'KVS-067',
    behaviour: 'What is added before, after or at the cursor of a walk moves no other key out of it or in twice.',
    run: inStore(async (store) => {
      await putAll(store, KEYS);
      const seen = await walk(store, { limit: 3 }, async ({ nextExclusiveStartKey: cursor }) => {
        if (cursor === null) return;
        await put(store, `a-${cursor}`, 'before');
        await put(store, `z-${cursor}`, 'after');
        await put(store, `${cursor}!`, 'at the cursor');
        await put(store, cursor, 'overwritten');
      });
      const old = seen.map(({ key }) => key).filter((key) => KEYS.includes(key));
      assert.deepEqual(old, KEYS);
      assert.equal(new Set(seen.map(({ key }) => key)).size, seen.length, 'no key comes twice');
    }),
  },
]);
