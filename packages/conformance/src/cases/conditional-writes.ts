import assert from 'node:assert/strict';
import type { KeyValueStoreBackend } from '@kv/core';
import { defineGroup } from '../conformance-case.js';
import type { ConformanceCase } from '../conformance-case.js';
import { bytes } from '../support/bytes.js';
import { CONDITIONAL_OPERATIONS, putIf, readVersion, rejectsCondition } from '../support/conditions.js';
import type { Condition, ConditionalOperation } from '../support/conditions.js';
import { assertAbsent, assertRecord, inStore, put, TEXT } from '../support/records.js';
import { errorOf, rejectsWith, rejectsWithClass, rejectsWithCode } from '../support/rejects.js';
import { assertReleased, endlessStream, watchedStream } from '../support/streams.js';

const [SET, SET_STREAM, DELETE] = CONDITIONAL_OPERATIONS as [
  ConditionalOperation,
  ConditionalOperation,
  ConditionalOperation,
];
const OTHER = 'another-etag';

/** Conditions for a record that has, or had, an etag; whether they are met when it exists, and when it does not. */
function conditionsFor(etag: string): readonly [condition: Condition, existing: boolean, absent: boolean][] {
  return [
    [{}, true, true],
    [{ ifMatch: undefined, ifNoneMatch: undefined }, true, true],
    [{ ifMatch: etag }, true, false],
    [{ ifMatch: OTHER }, false, false],
    [{ ifMatch: etag.slice(0, -1) || OTHER }, false, false],
    [{ ifMatch: '*' }, true, false],
    [{ ifNoneMatch: etag }, false, true],
    [{ ifNoneMatch: OTHER }, true, true],
    [{ ifNoneMatch: '*' }, false, true],
    [{ ifMatch: etag, ifNoneMatch: OTHER }, true, false],
    [{ ifMatch: '*', ifNoneMatch: OTHER }, true, false],
    [{ ifMatch: etag, ifNoneMatch: etag }, false, false],
    [{ ifMatch: etag, ifNoneMatch: '*' }, false, false],
    [{ ifMatch: OTHER, ifNoneMatch: '*' }, false, false],
  ];
}

/** Makes the body of a case that goes through all conditions, on a record that exists and on one that does not. */
function underAllConditions(operation: ConditionalOperation): ConformanceCase['run'] {
  return inStore(async (store) => {
    await put(store, 'key', 'old', 'image/png');
    const { etag } = await readVersion(store, 'key');
    for (const [condition, existing, absent] of conditionsFor(etag)) {
      await assertOutcome(store, operation, { condition, isThere: true, isMet: existing });
      await assertOutcome(store, operation, { condition, isThere: false, isMet: absent });
    }
  });
}

interface Attempt {
  readonly condition: Condition;
  readonly isThere: boolean;
  readonly isMet: boolean;
}

async function assertOutcome(
  store: KeyValueStoreBackend,
  { name, run, result }: ConditionalOperation,
  { condition, isThere, isMet }: Attempt,
): Promise<void> {
  if (isThere) await put(store, 'key', 'old', 'image/png');
  else await store.deleteRecord('key');
  const what = `${name} with ${JSON.stringify(condition)}, ${isThere ? 'and a record' : 'and no record'},`;
  if (isMet) await run(store, 'key', condition);
  else await rejectsWithCode('KV_PRECONDITION_FAILED', what, async () => run(store, 'key', condition));
  if (!isMet && isThere) await assertRecord(store, 'key', 'old', 'image/png');
  else if (!isMet || result === undefined) await assertAbsent(store, 'key');
  else await assertRecord(store, 'key', result);
}

/** Writes and deletions that depend on what is there. */
export const CONDITIONAL_CASES: readonly ConformanceCase[] = defineGroup('conditional writes', [
  {
    id: 'KVS-111',
    behaviour: 'A write of bytes heeds `ifMatch`, `ifNoneMatch` and both at once, with etags and `*`, as HTTP does.',
    needs: ['conditionalWrites'],
    run: underAllConditions(SET),
  },
  {
    id: 'KVS-112',
    behaviour: 'A write of a stream heeds the same conditions.',
    needs: ['conditionalWrites'],
    run: underAllConditions(SET_STREAM),
  },
  {
    id: 'KVS-113',
    behaviour: 'A deletion heeds the same conditions, also when there is no record.',
    needs: ['conditionalWrites'],
    run: underAllConditions(DELETE),
  },
  {
    id: 'KVS-114',
    behaviour: 'A condition that is not met tells key and etag of the record, and leaves value, type, etag and time.',
    needs: ['conditionalWrites'],
    run: inStore(async (store) => {
      await put(store, 'there', 'old', 'image/png');
      const before = await assertRecord(store, 'there', 'old', 'image/png');
      // A clock that ticks slowly must not hide a record that was touched.
      await new Promise((resolve) => setTimeout(resolve, 20));
      for (const { name, run } of CONDITIONAL_OPERATIONS) {
        const { etag } = before;
        for (const condition of [{ ifMatch: OTHER }, { ifNoneMatch: etag }, { ifNoneMatch: '*' }]) {
          await rejectsCondition(name, async () => run(store, 'there', condition), { key: 'there', etag });
        }
        await rejectsCondition(name, async () => run(store, 'absent', { ifMatch: '*' }), {
          key: 'absent',
          etag: undefined,
        });
      }
      assert.deepEqual(await assertRecord(store, 'there', 'old', 'image/png'), before);
      await assertAbsent(store, 'absent');
    }),
  },
  {
    id: 'KVS-115',
    behaviour: 'A stream whose write is refused for its condition is cancelled, unless it was read to its end.',
    needs: ['conditionalWrites'],
    run: inStore(async (store) => {
      await put(store, 'key', 'old');
      for (const ifNoneMatch of ['*', 7 as unknown as string]) {
        const watched = watchedStream(Array.from({ length: 20 }, () => bytes('x'.repeat(10_000))));
        await errorOf('setRecord', async () =>
          store.setRecord({ key: 'key', value: watched.stream, contentType: TEXT }, { ifNoneMatch }),
        );
        await assertReleased(watched);
      }
      await assertRecord(store, 'key', 'old');
    }),
  },
  {
    id: 'KVS-116',
    behaviour: 'A condition that is no string, or an empty one, raises a `TypeError`, and nothing changes.',
    needs: ['conditionalWrites'],
    run: inStore(async (store) => {
      await put(store, 'key', 'old');
      for (const { name, run } of CONDITIONAL_OPERATIONS) {
        for (const value of [null, '', 7, true, {}, ['*'], new Date()] as unknown as string[]) {
          for (const condition of [{ ifMatch: value }, { ifNoneMatch: value }, { ifMatch: '*', ifNoneMatch: value }]) {
            await rejectsWithClass(TypeError, `${name} with ${JSON.stringify(condition)}`, async () =>
              run(store, 'key', condition),
            );
          }
        }
      }
      await assertRecord(store, 'key', 'old');
    }),
  },
  {
    id: 'KVS-117',
    behaviour: 'The etag of an older version is another one, whether bytes, type or the record itself have changed.',
    needs: ['conditionalWrites'],
    run: inStore(async (store) => {
      const changes = [
        () => put(store, 'key', 'other'),
        () => put(store, 'key', 'old', 'image/png'),
        () => store.deleteRecord('key').then(() => put(store, 'key', 'again')),
      ];
      for (const changeRecord of changes) {
        await put(store, 'key', 'old');
        const { etag } = await readVersion(store, 'key');
        await changeRecord();
        for (const { name, run } of CONDITIONAL_OPERATIONS) {
          await rejectsWithCode('KV_PRECONDITION_FAILED', name, async () => run(store, 'key', { ifMatch: etag }));
        }
        await putIf(store, 'key', 'newer', { ifNoneMatch: etag });
        await assertRecord(store, 'key', 'newer');
      }
    }),
  },
  {
    id: 'KVS-118',
    behaviour:
      'Each conditional write gives the record an etag for the next, of bytes and of streams, small and large.',
    needs: ['conditionalWrites'],
    run: inStore(async (store) => {
      await put(store, 'key', 'value 0');
      const etags = [(await readVersion(store, 'key')).etag];
      for (const [index, size] of [10, 2000, 100_000, 1_200_000, 20].entries()) {
        const text = `value ${index + 1} ${'x'.repeat(size)}`;
        const value = index % 2 === 0 ? new Blob([text]).stream() : bytes(text);
        await store.setRecord({ key: 'key', value, contentType: TEXT }, { ifMatch: etags[0] });
        const { etag } = await assertRecord(store, 'key', text);
        assert.ok(!etags.includes(etag), 'the etag is new');
        etags.unshift(etag);
      }
    }),
  },
  {
    id: 'KVS-119',
    behaviour: 'A condition is to be met when a stream has ended: what was written meanwhile is not overwritten.',
    needs: ['conditionalWrites'],
    run: inStore(async (store) => {
      for (const isThere of [true, false]) {
        const key = isThere ? 'there' : 'absent';
        if (isThere) await put(store, key, 'old');
        const condition = isThere ? { ifMatch: (await readVersion(store, key)).etag } : { ifNoneMatch: '*' };
        const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
        const refused = rejectsWithCode('KV_PRECONDITION_FAILED', 'setRecord', async () =>
          store.setRecord({ key, value: readable, contentType: 'image/png' }, condition),
        );
        const meanwhile = async (): Promise<void> => {
          const writer = writable.getWriter();
          await writer.write(bytes('half'));
          await put(store, key, 'by another');
          // A backend that has seen it by now does not read on.
          await writer.close().catch(() => {});
        };
        await Promise.all([refused, meanwhile()]);
        await assertRecord(store, key, 'by another');
      }
    }),
  },
  {
    id: 'KVS-120',
    behaviour: 'A signal stops a conditional write or deletion with its reason, and nothing happens.',
    needs: ['conditionalWrites'],
    run: inStore(async (store) => {
      await put(store, 'key', 'old', 'image/png');
      const { etag } = await readVersion(store, 'key');
      const reason = new Error('enough');
      for (const { name, run } of CONDITIONAL_OPERATIONS) {
        await rejectsWith(reason, name, async () =>
          run(store, 'key', { ifMatch: etag, signal: AbortSignal.abort(reason) }),
        );
      }
      await rejectsWith(reason, 'setRecord', async () => {
        const controller = new AbortController();
        const value = endlessStream(bytes('half'), () => setImmediate(() => controller.abort(reason)));
        const options = { ifMatch: etag, signal: controller.signal };
        await store.setRecord({ key: 'key', value, contentType: TEXT }, options);
      });
      await assertRecord(store, 'key', 'old', 'image/png');
      await putIf(store, 'key', 'new', { ifMatch: etag });
      await assertRecord(store, 'key', 'new');
    }),
  },
]);
