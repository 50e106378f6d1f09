import assert from 'node:assert/strict';
import { defineGroup } from '../conformance-case.js';
import type { ConformanceCase } from '../conformance-case.js';
import { inStore, putAll } from '../support/records.js';
import { listPage, walkKeys } from '../support/walk-keys.js';

/** Listings of the keys that begin with a prefix. */
export const LISTING_PREFIX_CASES: readonly ConformanceCase[] = defineGroup('listing prefixes', [
  {
    id: 'KVS-060',
    behaviour: 'A prefix selects the keys that begin with it, and tells `users`, `users2` and `user` apart.',
    run: inStore(async (store) => {
      const keys = [
        'User',
        'my-users',
        'use',
        'user',
        'user-1',
        'users',
        'users-1',
        'users-2',
        'users2',
        'users2-1',
        'usert',
      ];
      await putAll(store, keys);
      for (const prefix of [
        '',
        'u',
        'user',
        'users',
        'users-',
        'users2',
        'users2-1',
        'users3',
        'User',
        'zzz',
        '.',
        '..',
      ]) {
        const expected = keys.filter((key) => key.startsWith(prefix));
        assert.deepEqual(await walkKeys(store, { prefix }), expected, `the prefix ${prefix}`);
        assert.deepEqual(await walkKeys(store, { prefix, limit: 2 }), expected, `pages of the prefix ${prefix}`);
      }
    }),
  },
  {
    id: 'KVS-061',
    behaviour: 'Keys outside the prefix do not make a page truncated.',
    run: inStore(async (store) => {
      await putAll(store, ['a-1', 'a-2', 'b-1', 'b-2', 'c-1']);
      for (const [prefix, limit] of [
        ['a-', 2],
        ['b-', 2],
        ['c', 1],
      ] as const) {
        const { items, isTruncated } = await listPage(store, { prefix, limit });
        assert.deepEqual([items.length, isTruncated], [limit, false], `the prefix ${prefix}`);
      }
    }),
  },
  {
    id: 'KVS-062',
    behaviour: 'Prefix and cursor hold together, wherever the cursor lies.',
    run: inStore(async (store) => {
      await putAll(store, ['a', 'm-1', 'm-2', 'm-3', 'z']);
      const after: [string, string[]][] = [
        ['a', ['m-1', 'm-2', 'm-3']],
        ['m-1', ['m-2', 'm-3']],
        ['m-11', ['m-2', 'm-3']],
        ['m-3', []],
        ['z', []],
      ];
      for (const [exclusiveStartKey, keys] of after) {
        assert.deepEqual(
          await walkKeys(store, { prefix: 'm-', exclusiveStartKey }),
          keys,
          `after ${exclusiveStartKey}`,
        );
      }
    }),
  },
]);
