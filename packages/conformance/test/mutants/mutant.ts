import type { KeyValueStoreBackend, StorageBackend } from '@kv/core';
import { createBackend } from '../reference-backend.ts';

/** A broken variant of the backend in memory. */
export interface Mutant {
  readonly name: string;
  /** What is wrong with it, in one sentence. */
  readonly defect: string;
  /** Makes such a backend. */
  readonly open: () => StorageBackend;
  /** Makes another one on its place, where it has one. */
  readonly reopen?: (backend: StorageBackend) => StorageBackend;
}

export type StoreChange = (store: KeyValueStoreBackend, backend: StorageBackend) => Partial<KeyValueStoreBackend>;
export type BackendChange = (backend: StorageBackend) => Partial<StorageBackend>;

/** Gives an object some other properties; the rest is that of the original. */
export function change<T extends object>(original: T, changes: Partial<T>): T {
  return new Proxy(original, {
    get(target, property) {
      if (property in changes) return Reflect.get(changes, property);
      const value: unknown = Reflect.get(target, property, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

/** A backend whose stores are broken. `makeChange` is called for each backend, so that its handles may share a state. */
export function brokenStore(name: string, defect: string, makeChange: () => StoreChange): Mutant {
  return brokenBackend(name, defect, (backend) => {
    const changeStore = makeChange();
    return {
      openKeyValueStore: async (ref, options) => {
        const store = await backend.openKeyValueStore(ref, options);
        return change(store, changeStore(store, backend));
      },
    };
  });
}

/** A backend that is broken itself. */
export function brokenBackend(name: string, defect: string, changeBackend: BackendChange): Mutant {
  const open = (): StorageBackend => {
    const backend = createBackend();
    return change(backend, changeBackend(backend));
  };
  return { name, defect, open };
}

/** Lets everything else that waits have its turn. */
export async function tick(): Promise<void> {
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
}
