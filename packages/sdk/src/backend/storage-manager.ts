import { assertContractVersion } from '@kv/core';
import type { StorageBackend } from '@kv/core';
import type { Configuration } from '../configuration/configuration.js';
import type { KeyValueStore } from '../key-value-store/key-value-store.js';
import { StoreContext } from '../key-value-store/store-context.js';
import { log } from '../log.js';
import { EventManager } from '../state/event-manager.js';
import { PendingWrites } from '../state/pending-writes.js';
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
  readonly writes: PendingWrites = new PendingWrites();
  readonly persister: StatePersister;
  readonly #config: Configuration;
  readonly #stores = new Map<StorageBackend, OpenStores>();
  #passed: StorageBackend | undefined;
  #chosen: Promise<StorageBackend> | undefined;
  #cloud: Promise<StorageBackend> | undefined;

  constructor(config: Configuration) {
    this.#config = config;
    this.persister = new StatePersister(config, this.events, () => this.#saveState());
  }

  /** Uses a backend for all that is opened from now on; stronger than any configuration. */
  useBackend(backend: StorageBackend): void {
    if (backend === this.#passed) return;
    if (this.#chosen || this.#passed) {
      throw new Error(
        'Actor.init({ backend }) comes too late: another backend is in use. Call Actor.init() before anything else.',
      );
    }
    assertContractVersion(backend);
    this.#passed = backend;
    announce(backend, backend.name, 'it was passed to Actor.init()');
  }

  /** Opens a key-value store, or gives the object that is open already. */
  async openKeyValueStore(
    identifier: StorageIdentifier | null | undefined,
    options: OpenStorageOptions,
    create: (context: StoreContext) => KeyValueStore,
  ): Promise<KeyValueStore> {
    const { backend: passed, forceCloud = false } = options;
    const backend = passed ?? (await this.#backend(forceCloud));
    // What is passed in for one store may be anybody's: only where the run itself lives is there something to purge.
    if (!passed) await purgeOnStart(backend, this.#config);
    const stores = this.#storesOf(backend, passed !== undefined);
    return stores.open(identifier, (store, info) =>
      create(
        new StoreContext({
          backend: store,
          storage: backend,
          info,
          inputKey: this.#config.get('inputKey'),
          writes: this.writes,
          startPersisting: () => this.persister.start(),
          forget: () => stores.forget(store.id),
        }),
      ),
    );
  }

  /** Purges the run-scoped storages of the chosen backend, once in a process and before anything is read. */
  async purge(): Promise<void> {
    await purgeOnStart(await this.#backend(false), this.#config);
  }

  #storesOf(backend: StorageBackend, isPassed: boolean): OpenStores {
    const known = this.#stores.get(backend);
    if (known) return known;
    assertContractVersion(backend);
    if (isPassed && backend !== this.#passed) announce(backend, backend.name, 'it was passed to KeyValueStore.open()');
    const stores = new OpenStores(backend);
    this.#stores.set(backend, stores);
    return stores;
  }

  async #backend(forceCloud: boolean): Promise<StorageBackend> {
    if (this.#passed) return this.#passed;
    return forceCloud ? (this.#cloud ??= this.#load(true)) : (this.#chosen ??= this.#load(false));
  }

  async #load(forceCloud: boolean): Promise<StorageBackend> {
    try {
      const choice = chooseBackend(this.#config, forceCloud);
      const backend = await loadBackend(choice);
      announce(backend, choice.packageName, choice.reason);
      return backend;
    } catch (error) {
      // The environment may be mended before the next try.
      if (forceCloud) this.#cloud = undefined;
      else this.#chosen = undefined;
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
