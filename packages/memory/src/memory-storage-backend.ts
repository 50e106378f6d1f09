import { createStorageId, KvError, resolveStorageRef } from '@kv/core';
import type {
  KeyValueStoreBackend,
  KeyValueStoreInfo,
  OperationOptions,
  PurgeOptions,
  PurgeResult,
  ResolvedStorageRef,
  StorageBackend,
  StorageCapabilities,
  StorageRef,
} from '@kv/core';
import { MemoryKeyValueStore } from './memory-key-value-store.js';

/** The stores of one backend in memory, by their ids. */
export class MemoryStorageBackend implements StorageBackend {
  readonly contractVersion = 1;
  readonly name = 'memory';
  readonly location = 'memory';
  readonly capabilities: StorageCapabilities = {
    purge: true,
    publicUrls: false,
    conditionalWrites: true,
    persistent: false,
  };
  readonly #defaultId: string;
  readonly #stores = new Map<string, MemoryKeyValueStore>();
  #isClosed = false;

  constructor(defaultId: string) {
    this.#defaultId = defaultId;
  }

  async openKeyValueStore(ref: StorageRef, options?: OperationOptions): Promise<KeyValueStoreBackend> {
    const resolved = resolveStorageRef(ref);
    this.#assertUsable(options);
    const found = this.#find(resolved);
    if (found) return found;
    if (resolved.type !== 'id') return this.#create(resolved);
    const message = `There is no key-value store with the id ${JSON.stringify(resolved.id)} in memory. Open one by name to create it.`;
    throw new KvError('KV_STORAGE_NOT_FOUND', message, { details: { id: resolved.id } });
  }

  async findKeyValueStore(ref: StorageRef, options?: OperationOptions): Promise<KeyValueStoreInfo | undefined> {
    const resolved = resolveStorageRef(ref);
    this.#assertUsable(options);
    return this.#find(resolved)?.info;
  }

  async listKeyValueStores(options?: OperationOptions): Promise<readonly KeyValueStoreInfo[]> {
    this.#assertUsable(options);
    const infos = [...this.#stores.values()].map(({ info }) => info);
    return infos.toSorted((a, b) => a.createdAt.getTime() - b.createdAt.getTime() || (a.id < b.id ? -1 : 1));
  }

  async purge(options?: PurgeOptions): Promise<readonly PurgeResult[]> {
    this.#assertUsable(options);
    const runScoped = [...this.#stores.values()].filter(({ info }) => info.name === undefined);
    const results = await Promise.all(runScoped.map((store) => store.purge(options)));
    return results.map((result) => (result.id === this.#defaultId ? { ...result, label: 'default' } : result));
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#stores.clear();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #find(ref: ResolvedStorageRef): MemoryKeyValueStore | undefined {
    if (ref.type === 'id') return this.#stores.get(ref.id);
    const stores = [...this.#stores.values()];
    // One that was given a name is not the default any more.
    if (ref.type === 'default') return stores.find(({ info }) => info.name === undefined && info.alias === undefined);
    const word = ref.type === 'name' ? ref.name : ref.alias;
    return stores.find(({ info }) => info[ref.type] === word);
  }

  #create(ref: Exclude<ResolvedStorageRef, { type: 'id' }>): MemoryKeyValueStore {
    const isFree = ref.type === 'default' && !this.#stores.has(this.#defaultId);
    const id = isFree ? this.#defaultId : createStorageId();
    const now = new Date();
    const word = ref.type === 'name' ? { name: ref.name } : ref.type === 'alias' ? { alias: ref.alias } : {};
    const store = new MemoryKeyValueStore({
      info: { id, ...word, createdAt: now, modifiedAt: now, accessedAt: now },
      assertOpen: () => this.#assertUsable(),
      assertNameIsFree: (name) => this.#assertNameIsFree(name),
      onDrop: () => this.#stores.delete(id),
    });
    this.#stores.set(id, store);
    return store;
  }

  #assertNameIsFree(name: string): void {
    if (!this.#find({ type: 'name', name })) return;
    const message = `The name ${JSON.stringify(name)} belongs to another key-value store. Choose another one.`;
    throw new KvError('KV_NAME_TAKEN', message, { details: { name } });
  }

  #assertUsable(options?: OperationOptions): void {
    options?.signal?.throwIfAborted();
    if (!this.#isClosed) return;
    throw new KvError('KV_BACKEND_CLOSED', 'The backend in memory is closed. Create another one.');
  }
}
