import assert from 'node:assert/strict';
import { CONTENT_ENCODINGS } from '@kv/core';
import { defineGroup } from '../conformance-case.js';
import type { ConformanceCase } from '../conformance-case.js';
import { bytes } from '../support/bytes.js';
import { assertRecord, inStore, put, TEXT } from '../support/records.js';
import { rejectsWithClass, rejectsWithCode } from '../support/rejects.js';
import { walk } from '../support/walk-keys.js';

const JSON_TYPE = 'application/json; charset=utf-8';

/** That a content type is kept to the letter and goes with its value, and what is told of codings. */
export const CONTENT_TYPE_CASES: readonly ConformanceCase[] = defineGroup('content types', [
  {
    id: 'KVS-040',
    behaviour: 'A content type is stored to the letter: case, spaces, parameters and quotes.',
    run: inStore(async (store) => {
      const types = [
        'application/json',
        JSON_TYPE,
        'application/json;charset=utf-8',
        'Application/JSON; Charset=UTF-8',
        'text/plain',
        'text/plain;charset=iso-8859-1',
        'TEXT/Plain',
        'image/svg+xml',
        'application/x-never-heard-of',
        'multipart/form-data; boundary="a b;c=\'d\'"',
        'text/html ; charset="utf-8"; q=0.5',
        `text/plain; x=${'y'.repeat(241)}`,
      ];
      for (const contentType of types) await put(store, 'one-key', contentType, contentType);
      for (const [index, contentType] of types.entries()) {
        await put(store, `key-${index}`, contentType, contentType);
        await put(store, 'one-key', contentType, contentType);
        await assertRecord(store, 'one-key', contentType, contentType);
      }
      for (const [index, contentType] of types.entries()) {
        await assertRecord(store, `key-${index}`, contentType, contentType);
      }
    }),
  },
  {
    id: 'KVS-041',
    behaviour: 'What is no content type raises `KV_CONTENT_TYPE_INVALID`, and the old record stays.',
    run: inStore(async (store) => {
      await put(store, 'key', 'old');
      const wrong = ['', 'text', 'text/', '/plain', 'text/plain\r\nx: y', 'text/plain; a=\u0000', 'a b/c', 'text/é'];
      for (const contentType of [...wrong, `text/plain; x=${'y'.repeat(242)}`]) {
        await rejectsWithCode('KV_CONTENT_TYPE_INVALID', JSON.stringify(contentType), async () =>
          store.setRecord({ key: 'key', value: bytes('new'), contentType }),
        );
      }
      await assertRecord(store, 'key', 'old');
    }),
  },
  {
    id: 'KVS-042',
    behaviour: 'A content type that is no string raises a `TypeError`, and the old record stays.',
    run: inStore(async (store) => {
      await put(store, 'key', 'old');
      for (const contentType of [undefined, null, 7, {}] as unknown as string[]) {
        await rejectsWithClass(TypeError, `a content type of ${JSON.stringify(contentType)}`, async () =>
          store.setRecord({ key: 'key', value: bytes('new'), contentType }),
        );
      }
      await assertRecord(store, 'key', 'old');
    }),
  },
  {
    id: 'KVS-043',
    behaviour: 'A record may change its content type with any write, in any order of types, and stays one record.',
    run: inStore(async (store) => {
      for (const [index, types] of permutations([JSON_TYPE, TEXT, 'image/png', 'application/json']).entries()) {
        for (const contentType of types) {
          await put(store, 'key', `${index} as ${contentType}`, contentType);
          await assertRecord(store, 'key', `${index} as ${contentType}`, contentType);
        }
        if (index % 3 === 0) await store.deleteRecord('key');
      }
      await put(store, 'key', 'last', 'image/png');
      assert.deepEqual(
        (await walk(store)).map(({ key, size }) => ({ key, size })),
        [{ key: 'key', size: 4 }],
      );
      await store.deleteRecord('key');
      assert.deepEqual(await walk(store), [], 'a deleted record leaves none of its former types');
    }),
  },
  {
    id: 'KVS-142',
    behaviour:
      'A value that came in a coding is plain and of the same version as any other; if its coding is told, it is that of the last write.',
    run: inStore(async (store) => {
      for (const contentType of [JSON_TYPE, TEXT, 'application/json', 'image/png']) {
        await put(store, 'key', '"value"', contentType);
        const { etag } = await assertRecord(store, 'key', '"value"', contentType);
        for (const contentEncoding of [...CONTENT_ENCODINGS, undefined, 'gzip', 'gzip', undefined] as const) {
          await store.setRecord({ key: 'key', value: bytes('"value"'), contentType, contentEncoding });
          const info = await assertRecord(store, 'key', '"value"', contentType);
          assert.equal(info.etag, etag, `the version is the same after ${contentEncoding}`);
          assert.ok([contentEncoding, undefined].includes(info.contentEncoding), `after ${contentEncoding}`);
        }
      }
    }),
  },
  {
    id: 'KVS-143',
    behaviour: 'A coding that is none raises a `TypeError`, and the old record stays.',
    run: inStore(async (store) => {
      await put(store, 'key', 'old');
      for (const contentEncoding of ['zstd', 'GZIP', '', null, 7] as unknown as 'br'[]) {
        await rejectsWithClass(TypeError, `a coding of ${JSON.stringify(contentEncoding)}`, async () =>
          store.setRecord({ key: 'key', value: bytes('new'), contentType: TEXT, contentEncoding }),
        );
      }
      await assertRecord(store, 'key', 'old');
    }),
  },
]);

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length <= 1) return [[...items]];
  return items.flatMap((item, index) => permutations(items.toSpliced(index, 1)).map((rest) => [item, ...rest]));
}
