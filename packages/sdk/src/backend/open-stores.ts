import { isKvError } from '@kv/core';
import type { KeyValueStoreBackend, KeyValueStoreInfo, StorageBackend, StorageRef } from '@kv/core';
import type { KeyValueStore } from '../key-value-store/key-value-store.js';
import type { StorageIdentifier } from './storage-identifier.js';

/** Makes the object that users get for an open store. */
export type CreateStore = (store: KeyValueStoreBackend, info: KeyValueStoreInfo) => KeyValueStore;

/** The open stores of one backend: one object each, however they are opened. */
export class OpenStores {
  readonly #backend: StorageBackend;
  readonly #byId = new Map<string, KeyValueStore>();
  readonly #byRef = new Map<string, Promise<KeyValueStore>>();
  #generation = 0;

  constructor(backend: StorageBackend) {
    this.#backend = backend;
  }

  /** Opens a store, or gives the object that is open already. */
  async open(identifier: StorageIdentifier | null | undefined, create: CreateStore): Promise<KeyValueStore> {
    const cacheKey = JSON.stringify(identifier) ?? '';
    for (;;) {
      const generation = this.#generation;
      const opening = this.#byRef.get(cacheKey) ?? this.#open(identifier, create);
      this.#byRef.set(cacheKey, opening);
      try {
        const store = await opening;
        // A store that was dropped meanwhile is opened again.
        if (generation === this.#generation) return store;
      } catch (error) {
        this.#byRef.delete(cacheKey);
        throw error;
      }
    }
  }

  /** Makes the next open of a store give a new object. */
  forget(id: string): void {
    this.#generation += 1;
    this.#byId.delete(id);
    // It may be known under several references.
    this.#byRef.clear();
  }

  /** Saves the auto-saved values of all open stores. */
  async saveState(): Promise<void> {
    await Promise.all([...this.#byId.values()].map((store) => store.saveState()));
  }

  async #open(identifier: StorageIdentifier | null | undefined, create: CreateStore): Promise<KeyValueStore> {
    const store = await this.#openBackend(identifier);
    const info = await store.getInfo();
    const opened = this.#byId.get(store.id) ?? create(store, info);
    this.#byId.set(store.id, opened);
    return opened;
  }

  async #openBackend(identifier: StorageIdentifier | null | undefined): Promise<KeyValueStoreBackend> {
    if (typeof identifier !== 'string') return this.#backend.openKeyValueStore(identifier ?? {});
    if (identifier === '') return this.#backend.openKeyValueStore({});
    return (await this.#openIfExists({ id: identifier })) ?? this.#backend.openKeyValueStore({ name: identifier });
  }

  async #openIfExists(ref: StorageRef): Promise<KeyValueStoreBackend | undefined> {
    try {
      return await this.#backend.openKeyValueStore(ref);
    } catch (error) {
      if (isKvError(error, 'KV_STORAGE_NOT_FOUND')) return undefined;
      throw error;
    }
  }
}
