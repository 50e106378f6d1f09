import { KvError } from '@kv/core';
import type { StorageBackend } from '@kv/core';
import { createBackend } from '../reference-backend.ts';
import { change } from './mutant.ts';
import type { Mutant } from './mutant.ts';

/** Changes a backend on a place; tells whether it is one that was opened on the place of another. */
export type PlaceChange = (backend: StorageBackend, isReopened: boolean) => Partial<StorageBackend>;

/** Backends that are persistent as far as one can see: any number of them look at one backend in memory. */
export function openPlaces(changeBackend: PlaceChange = () => ({})): Required<Pick<Mutant, 'open' | 'reopen'>> {
  const worlds = new WeakMap<StorageBackend, StorageBackend>();
  const look = (world: StorageBackend, isReopened: boolean): StorageBackend => {
    const view = lookInto(world);
    const backend = change(view, changeBackend(view, isReopened));
    worlds.set(backend, world);
    return backend;
  };
  return {
    open: () => look(createBackend(), false),
    reopen: (backend) => look(worlds.get(backend) ?? createBackend(), true),
  };
}

/** Makes a backend that may be closed while the world goes on. */
function lookInto(world: StorageBackend): StorageBackend {
  let isClosed = false;
  const close = async (): Promise<void> => {
    isClosed = true;
  };
  const guard = <T extends object>(target: T): T =>
    new Proxy(target, {
      get(_, property) {
        const value: unknown = Reflect.get(target, property, target);
        if (typeof value !== 'function') return value;
        return async (...args: unknown[]): Promise<unknown> => {
          if (isClosed) throw new KvError('KV_BACKEND_CLOSED', 'The backend is closed.');
          return value.apply(target, args) as unknown;
        };
      },
    });
  const guarded = guard(world);
  return change(guarded, {
    capabilities: { ...world.capabilities, persistent: true },
    openKeyValueStore: async (ref, options) => guard(await guarded.openKeyValueStore(ref, options)),
    close,
    [Symbol.asyncDispose]: close,
  });
}
