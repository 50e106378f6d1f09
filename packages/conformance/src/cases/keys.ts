import assert from 'node:assert/strict';
import type { KeyValueStoreBackend, StorageBackend } from '@kv/core';
import { defineGroup } from '../conformance-case.js';
import type { ConformanceCase } from '../conformance-case.js';
import { bytes } from '../support/bytes.js';
import { assertAbsent, assertRecord, inStore, put, TEXT } from '../support/records.js';
import type { NamedOperation } from '../support/rejects.js';
import { rejectsWithClass, rejectsWithCode } from '../support/rejects.js';
import { walkKeys } from '../support/walk-keys.js';

const PUNCTUATION = [..."!-_.'()"];
const ILLEGAL_KEYS = [
  '',
  '.',
  '..',
  'a/b',
  '/',
  'a b',
  ' ',
  'é',
  'a\n',
  '\0',
  'a%2Fb',
  'a\\b',
  'a:b',
  '😀',
  'x'.repeat(257),
];

/** Which keys there are, and that each is a record of its own. */
export const KEY_CASES: readonly ConformanceCase[] = defineGroup('keys', [
  {
    id: 'KVS-034',
    behaviour: "Every legal character is one: each letter, each digit and `!-_.'()`, in any place of a key.",
    run: inStore(async (store) => {
      const singles = [...PUNCTUATION, ...'azAZ09'].filter((key) => key !== '.');
      const placed = PUNCTUATION.flatMap((mark) => [`${mark}a`, `a${mark}`, `a${mark}b`, `${mark}${mark}${mark}`]);
      const all = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!-_.'()";
      await assertApart(store, [...new Set([...singles, ...placed, all])]);
    }),
  },
  {
    id: 'KVS-035',
    behaviour: 'Keys that differ in case alone are records apart.',
    run: inStore(async (store) => assertApart(store, ['Photo', 'photo', 'PHOTO', 'pHOTO', 'photO'])),
  },
  {
    id: 'KVS-036',
    behaviour: 'A key has up to 256 characters, and the last one counts.',
    run: inStore(async (store) => {
      const keys = ['x'.repeat(254), 'x'.repeat(255), 'x'.repeat(256), `${'x'.repeat(255)}y`, `${'x'.repeat(255)}X`];
      await assertApart(store, [...keys, "('!".repeat(85), '.'.repeat(256)]);
    }),
  },
  {
    id: 'KVS-037',
    behaviour: 'Keys that mean something to file systems, to URLs or to JavaScript are keys like others.',
    run: inStore(async (store) => {
      const files = ['CON', 'nul.txt', 'COM1', '.hidden', '...', 'end.', '-rf', '__metadata__', '__metadata__.json'];
      const names = ['a', 'a.json', 'a.txt', 'a.json.json', 'photo', 'photo.png', 'photo.__metadata__.json'];
      const words = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'null', 'undefined', 'records', 'keys'];
      await assertApart(store, [...files, ...names, ...words]);
    }),
  },
  {
    id: 'KVS-038',
    behaviour: 'A key that is not legal raises `KV_KEY_INVALID` in every method that takes one.',
    run: inStore(async (store, backend) => {
      for (const key of ILLEGAL_KEYS) {
        for (const [name, operation] of keyOperations(store, backend, key)) {
          await rejectsWithCode('KV_KEY_INVALID', `${name} of ${JSON.stringify(key.slice(0, 20))}`, operation);
        }
      }
      assert.deepEqual(await walkKeys(store), []);
    }),
  },
  {
    id: 'KVS-039',
    behaviour: 'A key that is no string raises a `TypeError` in every method that takes one.',
    run: inStore(async (store, backend) => {
      for (const key of [undefined, null, 7, ['key'], {}] as unknown as string[]) {
        for (const [name, operation] of keyOperations(store, backend, key)) {
          await rejectsWithClass(TypeError, `${name} of ${JSON.stringify(key)}`, operation);
        }
      }
    }),
  },
]);

/** Asserts that keys are records apart: all are read, listed, overwritten and deleted, each without the others. */
async function assertApart(store: KeyValueStoreBackend, keys: readonly string[]): Promise<void> {
  for (const key of keys) await put(store, key, `the value of ${key}`);
  assert.deepEqual(await walkKeys(store), keys.toSorted(), 'every key is listed');
  for (const [index, key] of keys.entries()) {
    const rest = keys[(index + 1) % keys.length] as string;
    await assertRecord(store, key, `the value of ${key}`);
    await put(store, key, 'new', 'image/png');
    await assertRecord(store, key, 'new', 'image/png');
    await put(store, key, `the value of ${key}`);
    await assertRecord(store, rest, `the value of ${rest}`);
  }
  for (const [index, key] of keys.entries()) {
    await store.deleteRecord(key);
    await assertAbsent(store, key);
    const left = keys.slice(index + 1);
    assert.deepEqual(await walkKeys(store), left.toSorted(), `deleting ${key} deletes nothing else`);
    if (left[0] !== undefined) await assertRecord(store, left[0], `the value of ${left[0]}`);
  }
}

function keyOperations(store: KeyValueStoreBackend, backend: StorageBackend, key: string): NamedOperation[] {
  return [
    ['getRecord', async () => store.getRecord(key)],
    ['getRecordStream', async () => store.getRecordStream(key)],
    ['getRecordBody', async () => store.getRecordBody(key)],
    ['getRecordInfo', async () => store.getRecordInfo(key)],
    ['setRecord', async () => store.setRecord({ key, value: bytes('value'), contentType: TEXT })],
    ['deleteRecord', async () => store.deleteRecord(key)],
    ...(backend.capabilities.publicUrls
      ? [['getPublicUrl', async () => store.getPublicUrl(key)] satisfies NamedOperation]
      : []),
  ];
}
