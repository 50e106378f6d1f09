import { createStorageId, isKvError, KvError } from '@kv/core';
import type { KeyValueStoreInfo } from '@kv/core';
import { createBackend } from '../reference-backend.ts';
import { brokenBackend, brokenStore, change, tick } from './mutant.ts';
import type { Mutant } from './mutant.ts';

/** Gives stores other ids, to and fro. */
function brokenIds(name: string, defect: string, makeId: (index: number, info: KeyValueStoreInfo) => string): Mutant {
  return brokenBackend(name, defect, (backend) => {
    const shown = new Map<string, string>();
    const real = (id: string): string => [...shown].find(([, other]) => other === id)?.[0] ?? id;
    const show = (info: KeyValueStoreInfo): KeyValueStoreInfo => {
      if (!shown.has(info.id)) shown.set(info.id, makeId(shown.size, info));
      return { ...info, id: shown.get(info.id) ?? '' };
    };
    return {
      openKeyValueStore: async (ref, options) => {
        const store = await backend.openKeyValueStore(
          ref?.id === undefined ? ref : { ...ref, id: real(ref.id) },
          options,
        );
        const { id } = show(await store.getInfo());
        return change(store, { id, getInfo: async (info) => show(await store.getInfo(info)) });
      },
      listKeyValueStores: async (options) => (await backend.listKeyValueStores(options)).map(show),
    };
  });
}

/** Stores that are opened, found, named and described wrongly. */
export const STORE_MUTANTS: readonly Mutant[] = [
  brokenIds('counted-ids', 'Counts stores for their ids.', (index) => `s${String(index).padStart(16, '0')}`),
  brokenIds('short-ids', 'Makes ids of 16 characters.', () => createStorageId().slice(1)),
  brokenIds('timed-ids', 'Makes ids of the time and a counter.', (index) => `${Date.now()}${1000 + index}`),
  brokenBackend('ids-at-every-open', 'Gives a store another id at every open.', (backend) => ({
    openKeyValueStore: async (ref, options) =>
      change(await backend.openKeyValueStore(ref, options), { id: ref?.id ?? createStorageId() }),
  })),
  brokenBackend('aliases-are-names', 'Takes an alias for a name.', (backend) => ({
    openKeyValueStore: async (ref, options) => {
      const { alias, ...rest } = ref ?? {};
      const isWord =
        typeof alias === 'string' && /^[a-z]+$/i.test(alias) && alias !== 'default' && Object.keys(rest).length === 0;
      return backend.openKeyValueStore(isWord ? { name: alias } : ref, options);
    },
  })),
  brokenBackend('default-is-a-name', 'Takes the name `default` for the default store.', (backend) => ({
    openKeyValueStore: async (ref, options) => backend.openKeyValueStore(ref?.name === 'default' ? {} : ref, options),
  })),
  brokenBackend('default-is-an-alias', 'Takes the alias `default` for one like others.', (backend) => ({
    openKeyValueStore: async (ref, options) =>
      backend.openKeyValueStore(ref?.alias === 'default' ? { alias: 'default-' } : ref, options),
  })),
  brokenBackend('names-without-case', 'Takes the names `a` and `A` for one.', (backend) => ({
    openKeyValueStore: async (ref, options) => {
      const isName = typeof ref?.name === 'string' && Object.keys(ref).length === 1;
      return backend.openKeyValueStore(isName ? { name: ref.name?.toLowerCase() } : ref, options);
    },
  })),
  brokenBackend('names-of-62', 'Refuses a name of 63 characters.', (backend) => ({
    openKeyValueStore: async (ref, options) => {
      if (ref?.name?.length === 63) throw new KvError('KV_NAME_INVALID', 'The name is too long.');
      return backend.openKeyValueStore(ref, options);
    },
  })),
  brokenBackend('lenient-names', 'Mends an illegal name instead of refusing it.', (backend) => ({
    openKeyValueStore: async (ref, options) =>
      backend.openKeyValueStore(ref?.name === 'a b' ? { name: 'a-b' } : ref, options),
  })),
  brokenBackend('two-words-for-one-store', 'Takes the id of a reference that gives a name too.', (backend) => ({
    findKeyValueStore: async (ref, options) =>
      backend.findKeyValueStore(typeof ref?.id === 'string' ? { id: ref.id } : ref, options),
  })),
  brokenBackend('ids-are-created', 'Creates a store for an id that nobody has.', (backend) => ({
    openKeyValueStore: async (ref, options) =>
      backend.openKeyValueStore(ref, options).catch((error: unknown) => {
        if (!isKvError(error, 'KV_STORAGE_NOT_FOUND')) throw error;
        return backend.openKeyValueStore({ name: 'made-up' }, options);
      }),
  })),
  brokenBackend('names-are-ids', 'Opens a store by its name given as an id.', (backend) => ({
    openKeyValueStore: async (ref, options) => {
      const isName = typeof ref?.id === 'string' && ref.id === 'a-name';
      return backend.openKeyValueStore(isName ? { name: ref.id } : ref, options);
    },
  })),
  brokenBackend('finding-creates', 'Creates the store that it looks for.', (backend) => ({
    findKeyValueStore: async (ref, options) => {
      const found = await backend.findKeyValueStore(ref, options);
      return found ?? (ref.id === undefined ? (await backend.openKeyValueStore(ref, options)).getInfo() : undefined);
    },
  })),
  brokenBackend('open-race', 'Makes a store for each of those that open a name at once.', (backend) => {
    let opening = 0;
    return {
      openKeyValueStore: async (ref, options) => {
        opening += 1;
        try {
          const found = await backend.findKeyValueStore(ref, options);
          await tick();
          const isLoser = !found && ref.id === undefined && opening > 1;
          return await (isLoser ? createBackend() : backend).openKeyValueStore(ref, options);
        } finally {
          opening -= 1;
        }
      },
    };
  }),
  brokenBackend('list-without-aliases', 'Lists named stores and the default one alone.', (backend) => ({
    listKeyValueStores: async (options) =>
      (await backend.listKeyValueStores(options)).filter(({ alias }) => alias === undefined),
  })),
  brokenBackend('list-by-id', 'Lists stores by their ids.', (backend) => ({
    listKeyValueStores: async (options) =>
      (await backend.listKeyValueStores(options)).toSorted((a, b) => (a.id < b.id ? -1 : 1)),
  })),
  brokenBackend('newest-first', 'Lists the newest store first.', (backend) => ({
    listKeyValueStores: async (options) => (await backend.listKeyValueStores(options)).toReversed(),
  })),
  brokenStore('update-replaces', 'Removes what an update does not give.', () => (store) => ({
    update: async (changes, options) => store.update({ title: null, generalAccess: null, ...changes }, options),
  })),
  brokenStore('null-keeps', 'Keeps a title that is set to `null`.', () => (store) => ({
    update: async ({ title, ...changes }, options) =>
      store.update(title === null || title === undefined ? changes : { title, ...changes }, options),
  })),
  brokenStore('lenient-title', 'Passes over a title that is none.', () => (store) => ({
    update: async (changes, options) =>
      store.update(changes, options).catch((error: unknown) => {
        if (!(error instanceof TypeError)) throw error;
        return store.getInfo();
      }),
  })),
  brokenBackend('handles-know-names', 'Loses a store that another handle has renamed.', (backend) => ({
    openKeyValueStore: async (ref, options) => {
      const store = await backend.openKeyValueStore(ref, options);
      return change(store, {
        getRecord: async (key, read) => {
          const record = await store.getRecord(key, read);
          if (ref.name === undefined || (await backend.findKeyValueStore(ref))) return record;
          throw new KvError('KV_STORAGE_NOT_FOUND', 'There is no store of this name.');
        },
      });
    },
  })),
  brokenStore('access-forgotten', 'Does not store the access.', () => (store) => ({
    update: async ({ name, title }, options) =>
      store.update({ ...(name === undefined ? {} : { name }), ...(title === undefined ? {} : { title }) }, options),
  })),
  brokenStore('names-are-taken-silently', 'Keeps silent when a name is taken.', () => (store) => ({
    update: async (changes, options) =>
      store.update(changes, options).catch((error: unknown) => {
        if (!isKvError(error, 'KV_NAME_TAKEN')) throw error;
        return store.getInfo();
      }),
  })),
  brokenStore('own-name-is-taken', 'Finds its own name taken.', () => (store) => ({
    update: async (changes, options) => {
      const { name } = await store.getInfo(options);
      if (name !== undefined && changes.name === name) throw new KvError('KV_NAME_TAKEN', 'The name is taken.');
      return store.update(changes, options);
    },
  })),
  brokenStore('title-before-name', 'Sets the title before it finds the name taken or illegal.', () => (store) => ({
    update: async ({ name, ...changes }, options) => {
      const info = await store.update(changes, options);
      return name === undefined ? info : store.update({ name }, options);
    },
  })),
  brokenStore('copy-on-rename', 'Answers a new name, and does not take it.', () => (store) => ({
    update: async ({ name, ...changes }, options) => {
      const info = await store.update(changes, options);
      return name === undefined ? info : { ...info, name };
    },
  })),
  brokenBackend('old-name-stays', 'Finds a store by the name that it had before.', (backend) => {
    const ids = new Map<string, string>();
    return {
      openKeyValueStore: async (ref, options) => {
        const known = ref?.name === undefined ? undefined : ids.get(ref.name);
        const isThere = known !== undefined && (await backend.findKeyValueStore({ id: known }));
        const store = await backend.openKeyValueStore(isThere ? { id: known } : ref, options);
        if (typeof ref?.name === 'string') ids.set(ref.name, store.id);
        return store;
      },
    };
  }),
  brokenStore('remembered-info', 'Tells what it knew of the store when it was first asked.', () => (store) => {
    let info: KeyValueStoreInfo | undefined;
    return { getInfo: async (options) => (info ??= await store.getInfo(options)) };
  }),
  brokenStore(
    'remembered-records',
    'Each handle reads a record once, and remembers it until it writes.',
    () => (store) => {
      const known = new Map<string, Awaited<ReturnType<typeof store.getRecord>>>();
      return {
        getRecord: async (key, options) => {
          const record = await store.getRecord(key, options);
          if (record && !known.has(key)) known.set(key, record);
          const value = known.get(key);
          return value && { ...value, value: value.value.slice() };
        },
        setRecord: async (record, options) => {
          known.delete(record.key);
          await store.setRecord(record, options);
          known.delete(record.key);
        },
        deleteRecord: async (key, options) => {
          known.delete(key);
          await store.deleteRecord(key, options);
        },
      };
    },
  ),
  brokenStore('born-at-every-update', 'Moves the creation time with every change.', () => (store) => ({
    getInfo: async (options) => {
      const info = await store.getInfo(options);
      return { ...info, createdAt: info.modifiedAt };
    },
  })),
  brokenStore('never-modified', 'Does not move the time of modification.', () => (store) => ({
    getInfo: async (options) => {
      const info = await store.getInfo(options);
      return { ...info, modifiedAt: info.createdAt };
    },
  })),
  brokenStore('purge-stays-after-rename', 'Keeps the alias of a store that got a name.', () => {
    const aliases = new Map<string, string>();
    return (store) => ({
      update: async (changes, options) => {
        const { alias } = await store.getInfo(options);
        if (alias !== undefined) aliases.set(store.id, alias);
        const info = await store.update(changes, options);
        const kept = aliases.get(store.id);
        return kept === undefined ? info : { ...info, alias: kept };
      },
    });
  }),
];
