import type { KeyValueStoreBackend, KeyValueStoreChanges } from '@kv/core';
import type { User } from '../access/users.js';
import type { ServerData } from '../data/server-data.js';
import { backendName, parseBackendName, unnamedBackendName } from './backend-name.js';
import type { StoreSchema } from './schema.js';
import { readStoreData, storeDataKey, toStoreInfo } from './store-info.js';
import type { StoreData, StoreInfo } from './store-info.js';

/** Changes of a store; `null` takes the name or the title away. */
export interface StoreChanges extends Omit<KeyValueStoreChanges, 'name'> {
  readonly name?: string | null;
}

/** Options of {@link Store}. */
export interface StoreOptions {
  readonly handle: KeyValueStoreBackend;
  readonly ownerId: string;
  readonly data: ServerData;
}

/** A store of the backend, and what the server knows besides. */
export class Store {
  readonly id: string;
  /** Id of the user whose store this is. */
  readonly ownerId: string;
  /** The records. */
  readonly records: KeyValueStoreBackend;
  readonly #data: ServerData;
  #schema: Promise<StoreSchema | undefined> | undefined;

  constructor({ handle, ownerId, data }: StoreOptions) {
    this.id = handle.id;
    this.ownerId = ownerId;
    this.records = handle;
    this.#data = data;
  }

  /** Reads what is known of the store. */
  async getInfo(): Promise<StoreInfo> {
    return toStoreInfo(this.#data, await this.records.getInfo());
  }

  /**
   * Changes name, title or access.
   *
   * @throws KvError `KV_NAME_INVALID`, `KV_NAME_TAKEN`.
   */
  async update(user: User, { name, ...changes }: StoreChanges): Promise<StoreInfo> {
    if (name === undefined) return toStoreInfo(this.#data, await this.records.update(changes));
    if (name === null && (await this.getInfo()).name === undefined) return this.update(user, changes);
    const newName = name === null ? unnamedBackendName(user.id) : backendName(user, name);
    const info = await this.records.update({ ...changes, name: newName });
    const { isHashed } = parseBackendName(info);
    const { schema } = await readStoreData(this.#data, this.id);
    await this.setData({ schema, name: isHashed ? (name ?? undefined) : undefined });
    return toStoreInfo(this.#data, info);
  }

  /** Removes the store. */
  async drop(): Promise<void> {
    await this.records.drop();
    await this.#data.delete(storeDataKey(this.id));
  }

  /** Gives the schema of the store, which never changes; `undefined` when it has none. */
  getSchema(): Promise<StoreSchema | undefined> {
    return (this.#schema ??= this.#readSchema());
  }

  /** Replaces what the server remembers of the store. */
  async setData(data: StoreData): Promise<void> {
    this.#schema = undefined;
    const isEmpty = data.name === undefined && data.schema === undefined;
    await (isEmpty ? this.#data.delete(storeDataKey(this.id)) : this.#data.set(storeDataKey(this.id), data));
  }

  async #readSchema(): Promise<StoreSchema | undefined> {
    try {
      return (await readStoreData(this.#data, this.id)).schema;
    } catch (error) {
      // The next call tries again.
      this.#schema = undefined;
      throw error;
    }
  }
}
