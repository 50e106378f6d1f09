import assert from 'node:assert/strict';
import { defineGroup } from '../conformance-case.js';
import type { ConformanceCase } from '../conformance-case.js';
import { bytes } from '../support/bytes.js';
import { backendOperations, storeOperations } from '../support/operations.js';
import { assertRecord, inStore, put, TEXT } from '../support/records.js';
import { rejectsWith } from '../support/rejects.js';
import { endlessStream, streamOf } from '../support/streams.js';
import { walkKeys } from '../support/walk-keys.js';

/** Operations that are stopped. */
export const ABORT_CASES: readonly ConformanceCase[] = defineGroup('abort', [
  {
    id: 'KVS-092',
    behaviour: 'A signal that has fired rejects every operation of a store with its reason, and nothing happens.',
    run: inStore(async (store, backend) => {
      await put(store, 'key', 'old');
      const reason = new Error('enough');
      const options = { signal: AbortSignal.abort(reason) };
      for (const [name, operation] of storeOperations(store, backend, options)) {
        await rejectsWith(reason, name, operation);
      }
      await assertRecord(store, 'key', 'old');
      assert.equal((await store.getInfo()).title, undefined);
    }),
  },
  {
    id: 'KVS-093',
    behaviour: 'A signal that has fired rejects every operation of a backend with its reason, and nothing happens.',
    run: async ({ backend }) => {
      const store = await backend.openKeyValueStore({});
      await put(store, 'key', 'value');
      for (const reason of [new Error('enough'), 'a reason that is no error']) {
        for (const [name, operation] of backendOperations(backend, { signal: AbortSignal.abort(reason) })) {
          await rejectsWith(reason, name, operation);
        }
      }
      assert.equal((await backend.listKeyValueStores()).length, 1, 'no store was created');
      assert.deepEqual(await walkKeys(store), ['key'], 'nothing was purged');
    },
  },
  {
    id: 'KVS-094',
    behaviour:
      'A signal that fires while a stream is coming stops the write with its reason, and the old record stays.',
    run: inStore(async (store) => {
      await put(store, 'key', 'old', 'image/png');
      for (const key of ['key', 'new']) {
        const reason = new Error('enough');
        const controller = new AbortController();
        // The source never ends: only a write that heeds the signal does.
        const value = endlessStream(bytes('half'), () => setImmediate(() => controller.abort(reason)));
        await rejectsWith(reason, 'setRecord', async () =>
          store.setRecord({ key, value, contentType: TEXT }, { signal: controller.signal }),
        );
      }
      assert.deepEqual(await walkKeys(store), ['key']);
      await assertRecord(store, 'key', 'old', 'image/png');
    }),
  },
  {
    id: 'KVS-095',
    behaviour:
      'A signal that fires during a write of bytes leaves the old record or the new one, as the promise tells.',
    run: inStore(async (store) => {
      for (const size of [10, 1_000_000]) {
        await put(store, 'key', 'old');
        const controller = new AbortController();
        const text = 'x'.repeat(size);
        const { signal } = controller;
        const write = store.setRecord({ key: 'key', value: bytes(text), contentType: 'image/png' }, { signal }).then(
          () => 'written',
          (error: unknown) => error,
        );
        controller.abort(new Error('enough'));
        const outcome = await write;
        if (outcome === 'written') await assertRecord(store, 'key', text, 'image/png');
        else assert.equal(outcome, signal.reason);
        if (outcome !== 'written') await assertRecord(store, 'key', 'old');
      }
    }),
  },
  {
    id: 'KVS-096',
    behaviour: 'A signal that does not fire, or fires when all is done, changes nothing.',
    run: inStore(async (store, backend) => {
      const controller = new AbortController();
      const { signal } = controller;
      await store.setRecord({ key: 'key', value: streamOf([bytes('value')]), contentType: TEXT }, { signal });
      for (const [name, operation] of storeOperations(store, backend, { signal })) {
        if (name !== 'drop' && name !== 'purge') await operation();
      }
      for (const [, operation] of backendOperations(backend, { signal })) await operation();
      await store.setRecord({ key: 'key', value: bytes('value'), contentType: TEXT }, { signal });
      controller.abort();
      await assertRecord(store, 'key', 'value');
    }),
  },
]);
