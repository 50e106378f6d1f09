import { isKvError } from '@kv/core';
import type { KeyValueStoreBackend, KeyValueStoreInfo, StorageBackend, StorageRef } from '@kv/core';
import type { User, Users } from '../access/users.js';
import { DATA_STORE_NAME } from '../data/reserved-names.js';
import type { ServerData } from '../data/server-data.js';
import { backendName, parseBackendName, unnamedBackendName } from './backend-name.js';
import { Store } from './store.js';
import { toStoreInfo } from './store-info.js';
import type { StoreData, StoreInfo } from './store-info.js';

const MAX_CACHED = 10_000;

/** A store, and what it was found by. */
export interface FoundStore {
  readonly store: Store;
  /** An id is a secret that may open a store; a name is not. */
  readonly by: 'id' | 'name';
}

/** Options of {@link Stores}. */
export interface StoresOptions {
  readonly backend: StorageBackend;
  readonly users: Users;
  readonly data: ServerData;
}

/** Finds, creates and lists the key-value stores of all users. */
export class Stores {
  readonly #backend: StorageBackend;
  readonly #users: Users;
  readonly #data: ServerData;
  // Opening by id may cost a look at every store; a store keeps its id and its owner for good.
  readonly #cache = new Map<string, Store>();
  readonly #opening = new Map<string, Promise<unknown>>();

  constructor({ backend, users, data }: StoresOptions) {
    this.#backend = backend;
    this.#users = users;
    this.#data = data;
  }

  /** Opens the user's store of this name, and creates it when there is none; tells whether it did. */
  async open(
    user: User,
    name: string,
    data: StoreData = {},
  ): Promise<{ readonly store: Store; readonly isNew: boolean }> {
    const ref = { name: backendName(user, name) };
    return this.#inTurn(ref.name, async () => {
      const found = await this.#find(ref);
      if (found) {
        // Whoever has made the store may have been stopped before its long name was written down.
        if ((await found.getInfo()).name === undefined) await found.setData({ ...data, name });
        return { store: found, isNew: false };
      }
      return { store: await this.#create(ref, { ...data, name }), isNew: true };
    });
  }

  /** Creates an unnamed store. */
  async create(user: User, data: StoreData = {}): Promise<Store> {
    return this.#create({ name: unnamedBackendName(user.id) }, data);
  }

  /** Finds a store by its id; `undefined` when there is none. At once where it was found before. */
  findById(id: string): Store | Promise<Store | undefined> {
    return this.#cache.get(id) ?? this.#find({ id });
  }

  /** Finds a user's store by its name; `undefined` when there is none. */
  async findByName(user: User, name: string): Promise<Store | undefined> {
    return this.#find({ name: backendName(user, name) });
  }

  /** Lists the stores of a user as the backend knows them, by creation time and then by id. */
  async list(user: User): Promise<readonly KeyValueStoreInfo[]> {
    const infos = await this.#backend.listKeyValueStores();
    const owners = await Promise.all(infos.map((info) => this.#ownerOf(info)));
    return infos.filter((_, index) => owners[index]?.id === user.id);
  }

  /** Gives what the user knows of a store that was listed; it is read one by one, so only for those that are shown. */
  async describe(info: KeyValueStoreInfo): Promise<StoreInfo> {
    return toStoreInfo(this.#data, info);
  }

  /** Forgets a store that is gone. */
  forget(id: string): void {
    this.#cache.delete(id);
  }

  async #find(ref: StorageRef): Promise<Store | undefined> {
    const info = await this.#backend.findKeyValueStore(ref);
    if (!info) return undefined;
    const owner = await this.#ownerOf(info);
    if (!owner) return undefined;
    try {
      return this.#cache.get(info.id) ?? this.#remember(await this.#backend.openKeyValueStore({ id: info.id }), owner);
    } catch (error) {
      if (isKvError(error, 'KV_STORAGE_NOT_FOUND')) return undefined;
      throw error;
    }
  }

  async #create(ref: StorageRef, data: StoreData): Promise<Store> {
    const handle = await this.#backend.openKeyValueStore(ref);
    const info = await handle.getInfo();
    const owner = await this.#ownerOf(info);
    if (!owner) throw new TypeError(`The store ${info.id} belongs to nobody.`);
    const store = this.#remember(handle, owner);
    await store.setData({ ...data, ...(parseBackendName(info).isHashed ? {} : { name: undefined }) });
    return store;
  }

  #remember(handle: KeyValueStoreBackend, owner: User): Store {
    const store = new Store({ handle, ownerId: owner.id, data: this.#data });
    if (this.#cache.size >= MAX_CACHED) this.#cache.clear();
    this.#cache.set(store.id, store);
    return store;
  }

  /** Gives the user whose store this is; `undefined` for a store that nobody can reach. */
  async #ownerOf(info: KeyValueStoreInfo): Promise<User | undefined> {
    if (info.name === DATA_STORE_NAME) return undefined;
    const { userId } = parseBackendName(info);
    if (userId !== undefined) return this.#users.find(userId);
    return (await this.#users.list()).find(({ isOwner }) => isOwner);
  }

  /** Lets one creation of a name follow the other, so that only the first says that it has created the store. */
  async #inTurn<T>(name: string, operation: () => Promise<T>): Promise<T> {
    const turn = (this.#opening.get(name) ?? Promise.resolve()).then(operation, operation);
    this.#opening.set(name, turn);
    try {
      return await turn;
    } finally {
      if (this.#opening.get(name) === turn) this.#opening.delete(name);
    }
  }
}
