import { KvError, resolveStorageRef } from '@kv/core';
import type {
  KeyValueStoreBackend,
  KeyValueStoreInfo,
  OperationOptions,
  PurgeOptions,
  PurgeResult,
  StorageBackend,
  StorageCapabilities,
  StorageRef,
} from '@kv/core';
import type { Durability } from './fs-backend-options.js';
import { FsKeyValueStore } from './fs-key-value-store.js';
import { toKvError } from './io/file-error.js';
import type { StoreDirectory } from './store/store-directory.js';
import { toInfo } from './store/store-info.js';
import { Stores } from './store/stores.js';
import type { FoundStore, StoresOptions } from './store/stores.js';

interface Handle {
  readonly store: StoreDirectory;
  readonly backend: KeyValueStoreBackend;
}

/** The contract's view of a directory of stores. */
export class FsStorageBackend implements StorageBackend {
  readonly contractVersion = 1;
  readonly name = 'fs';
  readonly location: string;
  readonly capabilities: StorageCapabilities = {
    purge: true,
    publicUrls: true,
    conditionalWrites: false,
    persistent: true,
  };
  readonly #durability: Durability;
  readonly #stores: Stores;
  readonly #handles = new Map<string, Handle>();
  #swept: Promise<void> | undefined;
  #isClosed = false;

  constructor(options: StoresOptions) {
    this.location = options.root;
    this.#durability = options.durability;
    this.#stores = new Stores(options);
  }

  async openKeyValueStore(ref: StorageRef, options?: OperationOptions): Promise<KeyValueStoreBackend> {
    const resolved = resolveStorageRef(ref);
    return this.#run(options, () => {
      const found = resolved.type === 'id' ? this.#stores.findById(resolved.id) : this.#stores.open(resolved);
      if (found) return this.#handleOf(found);
      const { location } = this;
      const message = `There is no key-value store with the id ${JSON.stringify(ref.id)} in ${location}. Open one by name to create it.`;
      throw new KvError('KV_STORAGE_NOT_FOUND', message, { details: { id: ref.id, location } });
    });
  }

  async findKeyValueStore(ref: StorageRef, options?: OperationOptions): Promise<KeyValueStoreInfo | undefined> {
    const resolved = resolveStorageRef(ref);
    return this.#run(options, () => {
      const found = this.#stores.find(resolved);
      return found && this.#infoOf(found);
    });
  }

  async listKeyValueStores(options?: OperationOptions): Promise<readonly KeyValueStoreInfo[]> {
    return this.#run(options, () => {
      const infos = this.#stores.list().map((found) => this.#infoOf(found));
      return infos.toSorted((a, b) => a.createdAt.getTime() - b.createdAt.getTime() || (a.id < b.id ? -1 : 1));
    });
  }

  async purge(options?: PurgeOptions): Promise<readonly PurgeResult[]> {
    return this.#run(options, () => {
      return Promise.all(
        this.#stores.listRunScoped().map(async (found) => {
          const { name, alias } = found.metadata;
          return { ...(await this.#handleOf(found).purge(options)), label: name ?? alias ?? 'default' };
        }),
      );
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** All opens of a store share one handle, so that they know of its renames and of its end. */
  #handleOf({ place, metadata }: FoundStore): KeyValueStoreBackend {
    const { id } = metadata;
    const path = this.#stores.path(place);
    const known = this.#handles.get(id);
    if (known) {
      known.store.path = path;
      return known.backend;
    }
    const store: StoreDirectory = {
      id,
      path,
      ignoresCase: metadata.ignoresCase ?? this.#stores.ignoresCase(place),
      temp: this.#stores.temp,
      durability: this.#durability,
    };
    const backend = new FsKeyValueStore({
      stores: this.#stores,
      store,
      assertOpen: () => this.#assertOpen(),
      onDrop: () => this.#handles.delete(id),
    });
    this.#handles.set(id, { store, backend });
    return backend;
  }

  #infoOf({ place, metadata }: FoundStore): KeyValueStoreInfo {
    return toInfo(metadata, this.#stores.path(place));
  }

  /** Runs on files; what processes that are no more have left behind is removed first, once. */
  async #run<T>(options: OperationOptions | undefined, operation: () => T | Promise<T>): Promise<T> {
    this.#assertOpen();
    options?.signal?.throwIfAborted();
    try {
      await (this.#swept ??= this.#stores.sweep());
      return await operation();
    } catch (error) {
      throw toKvError(error, this.location);
    }
  }

  #assertOpen(): void {
    if (!this.#isClosed) return;
    throw new KvError('KV_BACKEND_CLOSED', `The backend of ${this.location} is closed. Create another one.`, {
      details: { location: this.location },
    });
  }
}
