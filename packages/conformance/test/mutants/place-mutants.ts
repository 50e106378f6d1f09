import { isKvError } from '@kv/core';
import type {
  KeyValueStoreBackend,
  KeyValueStoreInfo,
  KeyValueStoreRecord,
  ListKeysPage,
  StorageBackend,
} from '@kv/core';
import { createBackend } from '../reference-backend.ts';
import { change, tick } from './mutant.ts';
import type { Mutant } from './mutant.ts';
import { openPlaces } from './open-places.ts';
import type { PlaceChange } from './open-places.ts';

/** A persistent backend that is broken. */
function brokenPlace(name: string, defect: string, changeBackend: PlaceChange): Mutant {
  return { name, defect, ...openPlaces(changeBackend) };
}

/** A persistent backend whose stores are broken; `makeChange` is called for each backend on the place. */
function brokenStores(
  name: string,
  defect: string,
  makeChange: (
    backend: StorageBackend,
    isReopened: boolean,
  ) => (store: KeyValueStoreBackend) => Partial<KeyValueStoreBackend>,
): Mutant {
  return brokenPlace(name, defect, (backend, isReopened) => {
    const changeStore = makeChange(backend, isReopened);
    return {
      openKeyValueStore: async (ref, options) => {
        const store = await backend.openKeyValueStore(ref, options);
        return change(store, changeStore(store));
      },
    };
  });
}

/** A persistent backend that forgets something when it is closed. */
function brokenMemory(
  name: string,
  defect: string,
  changeStore: (store: KeyValueStoreBackend) => Partial<KeyValueStoreBackend>,
): Mutant {
  return brokenStores(name, defect, (_, isReopened) => (store) => (isReopened ? changeStore(store) : {}));
}

/** A persistent backend that takes what it has read once for true, until it writes itself. */
function brokenCache<T>(
  name: string,
  defect: string,
  makeChange: (cache: Map<string, T>, store: KeyValueStoreBackend) => Partial<KeyValueStoreBackend>,
): Mutant {
  return brokenStores(name, defect, () => {
    const cache = new Map<string, T>();
    return (store) => ({
      setRecord: async (record, options) => store.setRecord(record, options).finally(() => cache.clear()),
      deleteRecord: async (key, options) => store.deleteRecord(key, options).finally(() => cache.clear()),
      purge: async (options) => store.purge(options).finally(() => cache.clear()),
      update: async (changes, options) => store.update(changes, options).finally(() => cache.clear()),
      drop: async (options) => store.drop(options).finally(() => cache.clear()),
      ...makeChange(cache, store),
    });
  });
}

/** Gives what a cache has, or what is read now. */
async function cached<T>(cache: Map<string, T>, key: string, read: () => Promise<T>): Promise<T> {
  const known = cache.get(key);
  const value = known ?? (await read());
  cache.set(key, value);
  return value;
}

/** Writes by the name that the store had when it was opened, where another backend has ended or renamed that store. */
function writesByName(
  name: string,
  defect: string,
  isMeant: (found: KeyValueStoreInfo | undefined, id: string) => boolean,
): Mutant {
  return brokenPlace(name, defect, (backend) => {
    const changedHere = new Set<string>();
    return {
      openKeyValueStore: async (ref, options) => {
        const store = await backend.openKeyValueStore(ref, options);
        const note = (): void => void changedHere.add(store.id);
        return change(store, {
          update: async (changes, update) => store.update(changes, update).finally(note),
          drop: async (drop) => store.drop(drop).finally(note),
          setRecord: async (record, write) => {
            const isOther = ref.name !== undefined && !changedHere.has(store.id);
            const found = isOther ? await backend.findKeyValueStore(ref) : undefined;
            if (!isOther || !isMeant(found, store.id)) return store.setRecord(record, write);
            return (await backend.openKeyValueStore(ref)).setRecord(record, write);
          },
        });
      },
    };
  });
}

/** Persistent backends that forget, that trust what they remember, and that do not know of one another. */
export const PLACE_MUTANTS: readonly Mutant[] = [
  {
    ...brokenPlace('place-is-empty', 'Declares `persistent`, and begins anew.', () => ({})),
    reopen: () => openPlaces().open(),
  },
  {
    ...brokenPlace('hides-persistent', 'Is persistent, and does not declare it.', (backend) => ({
      capabilities: { ...backend.capabilities, persistent: false },
    })),
  },
  { name: 'boasts-persistent', defect: 'Declares `persistent`, and nobody shows it.', open: openPlaces().open },
  {
    name: 'reopens-nothing',
    defect: 'Is not persistent, and reopened.',
    open: () => createBackend(),
    reopen: (backend) => backend,
  },
  brokenMemory('etags-of-the-opening', 'Makes other etags after it was opened again.', (store) => ({
    getRecordInfo: async (key, options) => {
      const info = await store.getRecordInfo(key, options);
      return info && { ...info, etag: `${info.etag}-2` };
    },
    getRecordStream: async (key, options) => {
      const info = await store.getRecordStream(key, options);
      return info && { ...info, etag: `${info.etag}-2` };
    },
    getRecordBody: async (key, options) => {
      const info = await store.getRecordBody(key, options);
      return info && { ...info, etag: `${info.etag}-2` };
    },
  })),
  brokenMemory('times-of-the-opening', 'Takes the time of the opening for that of the records.', (store) => {
    const modifiedAt = new Date();
    return {
      getRecordInfo: async (key, options) => {
        const info = await store.getRecordInfo(key, options);
        return info && { ...info, modifiedAt };
      },
      getRecordStream: async (key, options) => {
        const info = await store.getRecordStream(key, options);
        return info && { ...info, modifiedAt };
      },
      getRecordBody: async (key, options) => {
        const info = await store.getRecordBody(key, options);
        return info && { ...info, modifiedAt };
      },
    };
  }),
  brokenMemory(
    'types-forgotten',
    'Knows content types by the name of the key, after it was opened again.',
    (store) => ({
      getRecord: async (key, options) => {
        const record = await store.getRecord(key, options);
        return record && { ...record, contentType: key.endsWith('.png') ? 'image/png' : 'application/json' };
      },
    }),
  ),
  brokenMemory('ids-of-the-opening', 'Gives stores other ids after it was opened again.', (store) => ({
    id: `X${store.id.slice(1)}`,
  })),
  brokenPlace('aliases-forgotten', 'Forgets aliases when it is closed.', (backend, isReopened) => ({
    findKeyValueStore: async (ref, options) => {
      const info = await backend.findKeyValueStore(ref, options);
      return isReopened && info?.alias !== undefined ? undefined : info;
    },
  })),
  brokenPlace('titles-forgotten', 'Forgets titles when it is closed.', (backend, isReopened) => ({
    findKeyValueStore: async (ref, options) => {
      const info = await backend.findKeyValueStore(ref, options);
      if (!isReopened || !info) return info;
      const { title: _, ...rest } = info;
      return rest;
    },
  })),
  brokenPlace('lists-its-own', 'Lists the stores that it has opened itself.', (backend) => {
    const opened = new Set<string>();
    return {
      openKeyValueStore: async (ref, options) => {
        const store = await backend.openKeyValueStore(ref, options);
        opened.add(store.id);
        return store;
      },
      listKeyValueStores: async (options) =>
        (await backend.listKeyValueStores(options)).filter(({ id }) => opened.has(id)),
    };
  }),
  brokenPlace('deletes-late', 'Forgets what was deleted just before it was closed.', (backend) => {
    let undo = async (): Promise<void> => {};
    return {
      openKeyValueStore: async (ref, options) => {
        const store = await backend.openKeyValueStore(ref, options);
        return change(store, {
          deleteRecord: async (key, write) => {
            const old = typeof key === 'string' ? await store.getRecord(key).catch(() => undefined) : undefined;
            await store.deleteRecord(key, write);
            undo = async () => old && store.setRecord(old);
          },
        });
      },
      close: async () => {
        await undo().catch(() => {});
        await backend.close();
      },
    };
  }),
  brokenPlace(
    'one-at-a-time',
    'Takes the place from the others when it is opened.',
    (() => {
      const last: { backend?: StorageBackend } = {};
      return (backend, isReopened) => {
        if (isReopened) void last.backend?.close();
        last.backend = backend;
        return {};
      };
    })(),
  ),
  brokenPlace(
    'closes-for-all',
    'Closes the place for others, too.',
    (() => {
      const opened: StorageBackend[] = [];
      return (backend, isReopened) => {
        if (!isReopened) opened.length = 0;
        opened.push(backend);
        return { close: async () => void (await Promise.all(opened.map((other) => other.close()))) };
      };
    })(),
  ),
  brokenCache<KeyValueStoreRecord | undefined>(
    'caches-records',
    'Gives a record that it has read once.',
    (cache, store) => ({
      getRecord: async (key, options) => cached(cache, key, async () => store.getRecord(key, options)),
    }),
  ),
  brokenCache<ListKeysPage>('caches-listings', 'Gives a listing that it has made once.', (cache, store) => ({
    listKeys: async (options = {}) => {
      const { signal: _, ...rest } = options;
      return cached(cache, `${store.id} ${JSON.stringify(rest)}`, async () => store.listKeys(options));
    },
  })),
  brokenCache<true>('caches-absence', 'Takes a record that was not there for one that is not.', (cache, store) => ({
    getRecord: async (key, options) => {
      const record = cache.has(`${store.id} ${key}`) ? undefined : await store.getRecord(key, options);
      if (!record) cache.set(`${store.id} ${key}`, true);
      return record;
    },
  })),
  brokenStores('caches-infos', 'Does not see that another has renamed a store.', () => {
    const infos = new Map<string, KeyValueStoreInfo>();
    return (store) => {
      const note = (): void => void infos.delete(store.id);
      const write = async <T>(operation: Promise<T>): Promise<T> => operation.finally(note);
      return {
        update: async (changes, options) => write(store.update(changes, options)),
        setRecord: async (record, options) => write(store.setRecord(record, options)),
        drop: async (options) => write(store.drop(options)),
        getInfo: async (options) => {
          const { name, title, ...now } = await store.getInfo(options);
          const known = infos.get(store.id) ?? {
            ...now,
            ...(name === undefined ? {} : { name }),
            ...(title === undefined ? {} : { title }),
          };
          infos.set(store.id, known);
          return known;
        },
      };
    };
  }),
  writesByName('revives-by-name', 'Makes a store anew that another has dropped.', (found) => found === undefined),
  writesByName(
    'writes-to-namesakes',
    'Writes into a new store of the old name.',
    (found, id) => found !== undefined && found.id !== id,
  ),
  brokenStores('drops-unknown', 'Takes a store that another has dropped for an empty one.', () => {
    const droppedHere = new Set<string>();
    return (store) => ({
      drop: async (options) => {
        await store.drop(options);
        droppedHere.add(store.id);
      },
      getRecord: async (key, options) =>
        store.getRecord(key, options).catch((error: unknown) => {
          if (isKvError(error, 'KV_STORAGE_NOT_FOUND') && !droppedHere.has(store.id)) return undefined;
          throw error;
        }),
    });
  }),
  brokenStores('index-of-its-own', 'Writes its own list of keys over that of another.', () => {
    const mine = new Set<string>();
    return (store) => ({
      setRecord: async (record, options) => {
        mine.add(record.key);
        const known = await store.listKeys().catch(() => undefined);
        await tick();
        await store.setRecord(record, options);
        if (!known || known.isTruncated) return;
        const kept = new Set([...known.items.map(({ key }) => key), ...mine]);
        for (const { key } of (await store.listKeys()).items) if (!kept.has(key)) await store.deleteRecord(key);
      },
    });
  }),
  brokenStores('conditions-of-its-own', 'Keeps conditional writes apart from its own alone.', () => {
    let last: Promise<unknown> = Promise.resolve();
    const inTurn = async <T>(operation: () => Promise<T>): Promise<T> => {
      const turn = last.then(operation);
      last = turn.catch(() => {});
      return turn;
    };
    return (store) => ({
      deleteRecord: async (key, options) => inTurn(async () => store.deleteRecord(key, options)),
      setRecord: async (record, options = {}) => {
        const { ifMatch, ifNoneMatch, signal } = options;
        if (!(record.value instanceof Uint8Array)) return store.setRecord(record, options);
        return inTurn(async () => {
          const etag = (await store.getRecordInfo(record.key, { signal }).catch(() => undefined))?.etag;
          await tick();
          const isCreated = ifMatch === undefined && ifNoneMatch === '*' && etag === undefined;
          const isReplaced = ifNoneMatch === undefined && ifMatch !== undefined && ifMatch === etag;
          return store.setRecord(record, isCreated || isReplaced ? { signal } : options);
        });
      },
    });
  }),
];
