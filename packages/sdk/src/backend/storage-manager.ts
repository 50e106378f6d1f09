import type { StorageBackend } from '@kv/core';
import type { Configuration } from '../configuration/configuration.js';
import type { KeyValueStore } from '../key-value-store/key-value-store.js';
import { StoreContext } from '../key-value-store/store-context.js';
import { log } from '../log.js';
import { EventManager } from '../state/event-manager.js';
import { StatePersister } from '../state/state-persister.js';
import { chooseBackend } from './choose-backend.js';
import { loadBackend } from './load-backend.js';
import { OpenStores } from './open-stores.js';
import { purgeOnStart } from './purge-on-start.js';
import type { OpenStorageOptions, StorageIdentifier } from './storage-identifier.js';

const managers = new WeakMap<Configuration, StorageManager>();

/** Gives the storage manager of a configuration: one each. */
export function storageManagerOf(config: Configuration): StorageManager {
  const known = managers.get(config) ?? new StorageManager(config);
  managers.set(config, known);
  return known;
}

/** Holds what the storages of one configuration share: the backend, the open handles, the events, the writes under way. */
export class StorageManager {
  readonly events: EventManager = new EventManager();
  readonly persister: StatePersister;
  readonly #config: Configuration;
  readonly #stores = new Map<StorageBackend, OpenStores>();
  readonly #purges = new Map<StorageBackend, Promise<void>>();
  readonly #writes = new Set<Promise<unknown>>();
  #backend: Promise<StorageBackend> | undefined;
  #cloudBackend: Promise<StorageBackend> | undefined;

  constructor(config: Configuration) {
    this.#config = config;
    this.persister = new StatePersister(config, this.events, () => this.#saveState());
  }

  /** Uses a backend for all that is opened from now on. */
  useBackend(backend: StorageBackend): void {
    if (this.#backend) {
      throw new Error(
        'Actor.init({ backend }) comes too late: a storage is open in another backend. Call Actor.init() first.',
      );
    }
    this.#backend = Promise.resolve(backend);
    announce(backend, backend.name, 'it was passed to Actor.init()');
  }

  /** Opens a key-value store, or gives the object that is open already. */
  async openKeyValueStore(
    identifier: StorageIdentifier | null | undefined,
    options: OpenStorageOptions,
    create: (context: StoreContext) => KeyValueStore,
  ): Promise<KeyValueStore> {
    const backend = options.backend ?? (await this.#chosenBackend(options.forceCloud === true));
    await this.purge(backend);
    const stores = this.#stores.get(backend) ?? new OpenStores(backend);
    this.#stores.set(backend, stores);
    return stores.open(identifier, (store, info) =>
      create(
        new StoreContext({
          backend: store,
          storage: backend,
          info,
          inputKey: this.#config.get('inputKey'),
          track: (write) => this.track(write),
          startPersisting: () => this.persister.start(),
          forget: () => stores.forget(store.id),
        }),
      ),
    );
  }

  /** Purges the run-scoped storages of a backend, the chosen one unless told otherwise, once and before anything is read. */
  async purge(backend?: StorageBackend): Promise<void> {
    const purged = backend ?? (await this.#chosenBackend(false));
    const known = this.#purges.get(purged) ?? purgeOnStart(purged, this.#config);
    this.#purges.set(purged, known);
    return known;
  }

  /** Remembers a write that is under way, so that {@link settle} waits for it. */
  async track<T>(write: Promise<T>): Promise<T> {
    this.#writes.add(write);
    try {
      return await write;
    } finally {
      this.#writes.delete(write);
    }
  }

  /** Waits for all writes that are under way, whatever becomes of them. */
  async settle(): Promise<void> {
    while (this.#writes.size > 0) await Promise.allSettled(this.#writes);
  }

  async #chosenBackend(forceCloud: boolean): Promise<StorageBackend> {
    if (!forceCloud) return (this.#backend ??= this.#load(false));
    return (this.#cloudBackend ??= this.#load(true));
  }

  async #load(forceCloud: boolean): Promise<StorageBackend> {
    try {
      // A backend that was passed in is stronger than `forceCloud`.
      if (forceCloud && this.#backend) return await this.#backend;
      const choice = chooseBackend(this.#config, forceCloud);
      const backend = await loadBackend(choice);
      announce(backend, choice.packageName, choice.reason);
      return backend;
    } catch (error) {
      // The environment may be mended before the next try.
      if (forceCloud) this.#cloudBackend = undefined;
      else this.#backend = undefined;
      throw error;
    }
  }

  async #saveState(): Promise<void> {
    await Promise.all([...this.#stores.values()].map((stores) => stores.saveState()));
  }
}

function announce(backend: StorageBackend, packageName: string, reason: string): void {
  log(`key-value stores are in ${backend.location} (${packageName}), because ${reason}.`);
}
