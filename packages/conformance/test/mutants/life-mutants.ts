import { isKvError, KvError } from '@kv/core';
import type { PurgeOptions, StorageBackend } from '@kv/core';
import { createBackend } from '../reference-backend.ts';
import { brokenBackend, brokenStore, change } from './mutant.ts';
import type { Mutant } from './mutant.ts';

/** Changes the way a purge of a store goes. */
function brokenPurge(name: string, defect: string, broken: (options: PurgeOptions) => PurgeOptions): Mutant {
  return brokenStore(name, defect, () => (store) => ({ purge: async (options = {}) => store.purge(broken(options)) }));
}

/** Backends that purge, drop, close and boast wrongly. */
export const LIFE_MUTANTS: readonly Mutant[] = [
  brokenPurge('purge-keeps-all-named', 'Keeps keys that begin with `INPUT`.', (options) => ({
    ...options,
    keepKeys: [...(options.keepKeys ?? []), 'INPUT2'],
  })),
  brokenPurge('purge-without-keep-keys', 'Does not heed `keepKeys`.', (options) => ({ ...options, keepKeys: [] })),
  brokenStore('purge-takes-input', 'Removes `INPUT` too.', () => (store) => ({
    purge: async (options) => {
      const result = await store.purge(options);
      if (result.kept > 0) await store.deleteRecord('INPUT');
      return result;
    },
  })),
  brokenStore('purge-keeps-only-given', 'Removes `INPUT` when other keys are kept.', () => (store) => ({
    purge: async (options) => {
      const result = await store.purge(options);
      if (options?.keepKeys?.length) await store.deleteRecord('INPUT');
      return result;
    },
  })),
  brokenStore('purge-does-nothing', 'Removes nothing.', () => (store) => ({
    purge: async () => ({ id: store.id, label: 'records', removed: 6, kept: 1 }),
  })),
  brokenStore('purge-miscounts', 'Counts what it kept among the removed.', () => (store) => ({
    purge: async (options) => {
      const result = await store.purge(options);
      return { ...result, removed: result.removed + result.kept };
    },
  })),
  brokenStore('purge-forgets-title', 'Removes the title with the records.', () => (store) => ({
    purge: async (options) => {
      const result = await store.purge(options);
      await store.update({ title: null });
      return result;
    },
  })),
  brokenBackend('purge-takes-named', 'Purges named stores too.', (backend) => ({
    purge: async (options) => {
      const results = await backend.purge(options);
      for (const { id } of await backend.listKeyValueStores())
        await (await backend.openKeyValueStore({ id })).purge(options);
      return results;
    },
  })),
  brokenBackend('purge-forgets-aliases', 'Purges the default store alone.', (backend) => ({
    purge: async (options) => {
      const found = await backend.findKeyValueStore({}, options);
      return found ? [{ ...(await (await backend.openKeyValueStore({})).purge(options)), label: 'default' }] : [];
    },
  })),
  brokenBackend('purge-drops', 'Drops stores of aliases instead of emptying them.', (backend) => ({
    purge: async (options) => {
      const results = await backend.purge(options);
      for (const { id, alias } of await backend.listKeyValueStores()) {
        if (alias !== undefined) await (await backend.openKeyValueStore({ id })).drop();
      }
      return results;
    },
  })),
  brokenBackend('purge-of-all-keys', 'Does not heed `keepKeys` when it purges the backend.', (backend) => ({
    purge: async (options) => backend.purge({ signal: options?.signal }),
  })),
  brokenBackend('purge-creates', 'Creates the default store when it purges.', (backend) => ({
    purge: async (options) => {
      options?.signal?.throwIfAborted();
      await backend.openKeyValueStore({});
      return backend.purge(options);
    },
  })),
  brokenBackend('purge-tells-nothing', 'Does not tell what was purged.', (backend) => ({
    purge: async (options) => (await backend.purge(options)).slice(0, 0),
  })),
  brokenBackend('purge-not-aborted', 'Purges although the signal has fired.', (backend) => ({
    purge: async (options) => backend.purge({ ...options, signal: undefined }),
  })),
  brokenBackend('open-not-aborted', 'Opens a store although the signal has fired.', (backend) => ({
    openKeyValueStore: async (ref) => backend.openKeyValueStore(ref),
  })),
  brokenStore('drop-empties', 'Empties the store that it is told to drop.', () => (store) => ({
    drop: async (options) => {
      for (const { key } of (await store.listKeys(options)).items) await store.deleteRecord(key);
    },
  })),
  brokenStore('drop-does-nothing', 'Drops nothing.', () => (store) => ({
    drop: async (options) => void (await store.getInfo(options)),
  })),
  brokenStore('drop-takes-lookalikes', 'Drops stores whose names begin alike.', () => (store, backend) => ({
    drop: async (options) => {
      const { name } = await store.getInfo(options);
      await store.drop(options);
      for (const info of name === undefined ? [] : await backend.listKeyValueStores()) {
        if (info.name?.startsWith(name ?? '')) await (await backend.openKeyValueStore({ id: info.id })).drop();
      }
    },
  })),
  brokenStore('drop-leaves-input', 'Leaves `INPUT` to the next store of the name.', () => (store, backend) => ({
    drop: async (options) => {
      const { name } = await store.getInfo(options);
      const input = await store.getRecord('INPUT');
      await store.drop(options);
      if (input && name !== undefined) await (await backend.openKeyValueStore({ name })).setRecord(input);
    },
  })),
  brokenBackend('handles-revive', 'Opens a dropped store anew when an old handle writes.', (backend) => ({
    openKeyValueStore: async (ref, options) => {
      const store = await backend.openKeyValueStore(ref, options);
      return change(store, {
        setRecord: async (record, write) =>
          store.setRecord(record, write).catch(async (error: unknown) => {
            if (!isKvError(error, 'KV_STORAGE_NOT_FOUND')) throw error;
            await (await backend.openKeyValueStore(ref)).setRecord(record, write);
          }),
      });
    },
  })),
  brokenStore('late-writes-vanish', 'Keeps silent when a store was dropped during a write.', () => (store) => ({
    setRecord: async (record, options) => {
      await store.getInfo(options);
      await store.setRecord(record, options).catch((error: unknown) => {
        if (!isKvError(error, 'KV_STORAGE_NOT_FOUND')) throw error;
      });
    },
  })),
  brokenStore('drop-is-not-known', 'A dropped store has no records, instead of being gone.', () => (store) => ({
    getRecord: async (key, options) =>
      store.getRecord(key, options).catch((error: unknown) => {
        if (!isKvError(error, 'KV_STORAGE_NOT_FOUND')) throw error;
        return undefined;
      }),
  })),
  brokenStore('drop-twice', 'Keeps silent when a store is dropped twice.', () => (store) => ({
    drop: async (options) =>
      store.drop(options).catch((error: unknown) => {
        if (!isKvError(error, 'KV_STORAGE_NOT_FOUND')) throw error;
      }),
  })),
  brokenBackend('close-does-nothing', 'Goes on after it was closed.', () => ({ close: async () => {} })),
  brokenBackend('closed-without-code', 'Raises a plain error after it was closed.', (backend) => ({
    listKeyValueStores: async (options) =>
      backend.listKeyValueStores(options).catch((error: unknown) => {
        throw isKvError(error, 'KV_BACKEND_CLOSED') ? new Error('closed') : error;
      }),
  })),
  brokenBackend('stores-outlive-close', 'Stores raise KV_STORAGE_NOT_FOUND after a close.', (backend) => ({
    openKeyValueStore: async (ref, options) => {
      const store = await backend.openKeyValueStore(ref, options);
      return change(store, {
        getRecordInfo: async (key, read) =>
          store.getRecordInfo(key, read).catch((error: unknown) => {
            throw isKvError(error, 'KV_BACKEND_CLOSED') ? new KvError('KV_STORAGE_NOT_FOUND', 'Gone.') : error;
          }),
      });
    },
  })),
  brokenBackend('second-close-fails', 'Raises an error when it is closed twice.', (backend) => {
    let closes = 0;
    return {
      close: async () => {
        closes += 1;
        if (closes === 2) throw new Error('It is closed.');
        await backend.close();
      },
    };
  }),
  brokenBackend('dispose-does-nothing', 'Does not close at the end of a block.', () => ({
    [Symbol.asyncDispose]: async () => {},
  })),
  brokenBackend('lies-about-purge', 'Declares `purge`, and does not have it.', () => ({
    purge: async () => Promise.reject(new KvError('KV_NOT_SUPPORTED', 'No purge.')),
  })),
  brokenBackend('hides-purge', 'Has `purge`, and does not declare it.', (backend) => ({
    capabilities: { ...backend.capabilities, purge: false },
  })),
  brokenBackend('lies-about-urls', 'Declares `publicUrls`, and does not have them.', (backend) => ({
    capabilities: { ...backend.capabilities, publicUrls: true },
  })),
  brokenStore('urls-of-nothing', 'Gives no URL instead of saying that it has none.', () => () => ({
    getPublicUrl: async () => undefined,
  })),
  brokenBackend('no-capabilities', 'Declares nothing at all.', () => ({
    capabilities: {} as StorageBackend['capabilities'],
  })),
  sharedWorld(),
];

/** All backends are one behind the scenes. */
function sharedWorld(): Mutant {
  let world: StorageBackend | undefined;
  const open = (): StorageBackend => change((world ??= createBackend()), {});
  return { name: 'one-world', defect: 'Shares its stores with every other backend.', open };
}
