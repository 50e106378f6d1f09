import { defineGroup } from '../conformance-case.js';
import type { ConformanceCase } from '../conformance-case.js';
import { backendOperations, storeOperations } from '../support/operations.js';
import { put } from '../support/records.js';
import { rejectsWithCode } from '../support/rejects.js';

/** What a backend does after it was closed: nothing. */
export const CLOSE_CASES: readonly ConformanceCase[] = defineGroup('close', [
  {
    id: 'KVS-089',
    behaviour: 'Every method of a closed backend, and of the stores that it opened, raises `KV_BACKEND_CLOSED`.',
    run: async ({ backend }) => {
      const store = await backend.openKeyValueStore({ name: 'open' });
      await put(store, 'key', 'value');
      await backend.close();
      for (const [name, operation] of [...backendOperations(backend), ...storeOperations(store, backend)]) {
        await rejectsWithCode('KV_BACKEND_CLOSED', name, operation);
      }
    },
  },
  {
    id: 'KVS-090',
    behaviour: 'Closing twice does nothing more, and a backend without open stores closes as well.',
    run: async ({ backend, open }) => {
      await (await open()).close();
      await backend.openKeyValueStore({});
      await Promise.all([backend.close(), backend.close()]);
      await backend.close();
      await rejectsWithCode('KV_BACKEND_CLOSED', 'opening', () => backend.openKeyValueStore({}));
    },
  },
  {
    id: 'KVS-091',
    behaviour: 'The end of an `await using` block closes the backend.',
    run: async ({ backend }) => {
      const store = await backend.openKeyValueStore({});
      await backend[Symbol.asyncDispose]();
      await rejectsWithCode('KV_BACKEND_CLOSED', 'opening', () => backend.openKeyValueStore({}));
      await rejectsWithCode('KV_BACKEND_CLOSED', 'getRecord', () => store.getRecord('key'));
    },
  },
]);
