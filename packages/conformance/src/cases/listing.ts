import assert from 'node:assert/strict';
import type { ListKeysOptions } from '@kv/core';
import { defineGroup } from '../conformance-case.js';
import type { ConformanceCase } from '../conformance-case.js';
import { inStore, put, putAll } from '../support/records.js';
import { rejectsWithClass, rejectsWithCode } from '../support/rejects.js';
import { listPage, walk, walkKeys } from '../support/walk-keys.js';

/** Keys, listed a page at a time. */
export const LISTING_CASES: readonly ConformanceCase[] = defineGroup('listing', [
  {
    id: 'KVS-055',
    behaviour: 'A store without records has one empty page.',
    run: inStore(async (store) => {
      const page = await listPage(store);
      assert.deepEqual([page.items, page.isTruncated, page.nextExclusiveStartKey], [[], false, null]);
    }),
  },
  {
    id: 'KVS-056',
    behaviour: 'Keys come in ascending order of their UTF-8 bytes, whatever the order of writing.',
    run: inStore(async (store) => {
      const ascending = [
        '!',
        "'",
        '(',
        ')',
        '-',
        '.0',
        '0',
        '1',
        '10',
        '2',
        '9',
        'A',
        'B',
        'Z',
        '_',
        'a',
        'a-',
        'a.',
        'a0',
        'aA',
        'a_',
        'aa',
        'b',
        'z',
      ];
      for (const index of [5, 23, 0, 11, 17, 2, 8, 20, 14, 1, 22, 3, 19, 4, 6, 7, 9, 10, 21, 12, 13, 15, 16, 18]) {
        await put(store, ascending[index] as string, 'value');
      }
      assert.deepEqual(await walkKeys(store), ascending);
      assert.deepEqual(await walkKeys(store, { limit: 5 }), ascending);
    }),
  },
  {
    id: 'KVS-057',
    behaviour: 'A listing tells the size of each value.',
    run: inStore(async (store) => {
      for (const size of [0, 1, 10, 70_000]) await put(store, `size-${size}`, 'x'.repeat(size));
      await put(store, 'size-10', 'x'.repeat(11));
      const sizes = (await walk(store)).map(({ key, size }) => [key, size]);
      assert.deepEqual(sizes, [
        ['size-0', 0],
        ['size-1', 1],
        ['size-10', 11],
        ['size-70000', 70_000],
      ]);
    }),
  },
  {
    id: 'KVS-058',
    behaviour: 'A page is cut at the limit: five keys are one page of five, and two of four.',
    run: inStore(async (store) => {
      const keys = ['a', 'b', 'c', 'd', 'e'];
      await putAll(store, keys);
      for (const limit of [5, 6, 1000]) {
        const { items, isTruncated } = await listPage(store, { limit });
        assert.deepEqual([items.length, isTruncated], [5, false], `a limit of ${limit}`);
      }
      for (const limit of [1, 2, 3, 4]) {
        const { items, isTruncated } = await listPage(store, { limit });
        assert.deepEqual([items.length, isTruncated], [limit, true], `a limit of ${limit}`);
        assert.deepEqual(await walkKeys(store, { limit }), keys, `pages of ${limit}`);
      }
    }),
  },
  {
    id: 'KVS-059',
    behaviour: 'A cursor means "strictly greater than", and need not be a key.',
    run: inStore(async (store) => {
      await putAll(store, ['b', 'bb', 'd', 'f']);
      const after: [string, string[]][] = [
        ['!', ['b', 'bb', 'd', 'f']],
        ['a', ['b', 'bb', 'd', 'f']],
        ['b', ['bb', 'd', 'f']],
        ['ba', ['bb', 'd', 'f']],
        ['bb', ['d', 'f']],
        ['c', ['d', 'f']],
        ['f', []],
        ['z', []],
      ];
      for (const [exclusiveStartKey, keys] of after) {
        assert.deepEqual(await walkKeys(store, { exclusiveStartKey }), keys, `after ${exclusiveStartKey}`);
        assert.deepEqual(
          await walkKeys(store, { exclusiveStartKey, limit: 1 }),
          keys,
          `one by one after ${exclusiveStartKey}`,
        );
      }
    }),
  },
  {
    id: 'KVS-063',
    behaviour:
      'A limit that is no whole number from 1 to 1,000 raises a `RangeError`; what is no number, a `TypeError`.',
    run: inStore(async (store) => {
      for (const limit of [0, -1, 1.5, 1001, Number.NaN, Number.POSITIVE_INFINITY]) {
        await rejectsWithClass(RangeError, `a limit of ${limit}`, async () => store.listKeys({ limit }));
      }
      for (const limit of ['5', null, {}] as unknown as number[]) {
        await rejectsWithClass(TypeError, `a limit of ${JSON.stringify(limit)}`, async () => store.listKeys({ limit }));
      }
    }),
  },
  {
    id: 'KVS-064',
    behaviour: 'A prefix or a cursor that is not legal raises `KV_KEY_INVALID`; one that is no string, a `TypeError`.',
    run: inStore(async (store) => {
      const illegal: ListKeysOptions[] = [
        ...['a/b', 'é', ' ', 'x'.repeat(257)].map((prefix) => ({ prefix })),
        ...['', '.', '..', 'a/b', 'é', 'x'.repeat(257)].map((exclusiveStartKey) => ({ exclusiveStartKey })),
      ];
      for (const options of illegal) {
        await rejectsWithCode('KV_KEY_INVALID', JSON.stringify(options), async () => store.listKeys(options));
      }
      for (const options of [{ prefix: 7 }, { prefix: null }, { exclusiveStartKey: null }, { exclusiveStartKey: {} }]) {
        await rejectsWithClass(TypeError, JSON.stringify(options), async () =>
          store.listKeys(options as unknown as ListKeysOptions),
        );
      }
    }),
  },
]);
