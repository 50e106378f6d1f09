import { isRecordKey, KvError, resolveStorageRef } from '@kv/core';
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
import { CloudKeyValueStore } from './cloud-key-value-store.js';
import type { ApiClient } from './http/api-client.js';
import type { ApiUrls } from './http/api-urls.js';
import { notSupported } from './not-supported.js';
import { listStores } from './store/list-stores.js';
import { MappedRunStores } from './store/mapped-run-stores.js';
import { NamedRunStores } from './store/named-run-stores.js';
import { assertUserName } from './store/reserved-name.js';
import { DEFAULT_STORE } from './store/run-stores.js';
import type { RunStores, RunStoresApi } from './store/run-stores.js';
import { storeNotFound, toInfo } from './store/store-info.js';
import type { StoreJson } from './store/store-info.js';
import type { WriteNumbers } from './store/write-numbers.js';

/** What a {@link CloudStorageBackend} works with. */
export interface CloudStorageBackendOptions {
  readonly client: ApiClient;
  readonly urls: ApiUrls;
  readonly publicUrls: ApiUrls;
  readonly conditionalWrites: boolean;
  /** Absent where the place does not know them. */
  readonly writeNumbers: WriteNumbers | undefined;
  /** Id of the default store of a run. */
  readonly defaultId: string | undefined;
  /** What tells the aliases of one user and place from those of others. */
  readonly scope: string;
}

/** The contract's view of the storage API. */
export class CloudStorageBackend implements StorageBackend {
  readonly contractVersion = 1;
  readonly name = 'cloud';
  readonly location: string;
  readonly capabilities: StorageCapabilities;
  readonly #options: CloudStorageBackendOptions;
  readonly #runStores: RunStores;
  #isClosed = false;

  constructor(options: CloudStorageBackendOptions) {
    const { urls, conditionalWrites } = options;
    this.#options = options;
    this.location = urls.base;
    this.capabilities = { purge: false, publicUrls: true, conditionalWrites, persistent: true };
    this.#runStores = this.#openRunStores();
  }

  async openKeyValueStore(ref: StorageRef, options?: OperationOptions): Promise<KeyValueStoreBackend> {
    const resolved = resolveRef(ref);
    this.#assertUsable(options);
    return this.#storeOf((await this.#open(resolved, options)).id);
  }

  async findKeyValueStore(ref: StorageRef, options?: OperationOptions): Promise<KeyValueStoreInfo | undefined> {
    const resolved = resolveRef(ref);
    this.#assertUsable(options);
    const info = await this.#find(resolved, options);
    return info && this.#runStores.toUsers(info);
  }

  async listKeyValueStores(options?: OperationOptions): Promise<readonly KeyValueStoreInfo[]> {
    this.#assertUsable(options);
    const infos = await listStores(this.#options.client, this.#options.urls, options);
    return infos
      .map((info) => this.#runStores.toUsers(info))
      .toSorted((a, b) => a.createdAt.getTime() - b.createdAt.getTime() || (a.id < b.id ? -1 : 1));
  }

  async purge(options?: PurgeOptions): Promise<readonly PurgeResult[]> {
    this.#assertUsable(options);
    throw notSupported('purge');
  }

  async close(): Promise<void> {
    this.#isClosed = true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #openRunStores(): RunStores {
    const { defaultId, conditionalWrites, scope } = this.#options;
    const api: RunStoresApi = {
      create: (name, options) => this.#create(name, options),
      drop: (id, options) => this.#storeOf(id).drop(options),
      find: (address, options) => this.#findOne(address, options),
    };
    if (defaultId === undefined) return new NamedRunStores(api);
    return new MappedRunStores({ api, conditionalWrites, scope, defaultStore: this.#storeOf(defaultId) });
  }

  #storeOf(id: string): CloudKeyValueStore {
    return new CloudKeyValueStore({
      ...this.#options,
      id,
      assertOpen: () => this.#assertUsable(),
      toUsers: (info) => this.#runStores.toUsers(info),
    });
  }

  async #open(ref: ResolvedStorageRef, options: OperationOptions | undefined): Promise<KeyValueStoreInfo> {
    if (ref.type === 'name') return this.#create(ref.name, options);
    if (ref.type === 'alias') return this.#runStores.open(ref.alias, options);
    const id = ref.type === 'id' ? ref.id : this.#options.defaultId;
    if (id === undefined) return this.#runStores.open(DEFAULT_STORE, options);
    const found = await this.#findById(id, options);
    if (!found) throw storeNotFound(id, this.location);
    return found;
  }

  async #find(ref: ResolvedStorageRef, options: OperationOptions | undefined): Promise<KeyValueStoreInfo | undefined> {
    if (ref.type === 'name') return this.#findOne(`~${ref.name}`, options);
    if (ref.type === 'alias') return this.#runStores.find(ref.alias, options);
    const id = ref.type === 'id' ? ref.id : this.#options.defaultId;
    return id === undefined ? this.#runStores.find(DEFAULT_STORE, options) : this.#findById(id, options);
  }

  async #findById(id: string, options: OperationOptions | undefined): Promise<KeyValueStoreInfo | undefined> {
    // What cannot be one would be a name, or another address.
    const info = isRecordKey(id) ? await this.#findOne(id, options) : undefined;
    return info?.id === id ? info : undefined;
  }

  /** Looks a store up by its id, or by `~` and its name. */
  async #findOne(address: string, options: OperationOptions | undefined): Promise<KeyValueStoreInfo | undefined> {
    const { client, urls } = this.#options;
    const store = await client.findData<StoreJson>({
      method: 'GET',
      url: urls.store(address),
      purpose: `look up the key-value store ${JSON.stringify(address)}`,
      details: { id: address },
      isRepeatable: true,
      signal: options?.signal,
    });
    return store && toInfo(store);
  }

  async #create(name: string | undefined, options?: OperationOptions): Promise<KeyValueStoreInfo> {
    const { client, urls } = this.#options;
    const store = await client.callData<StoreJson>({
      method: 'POST',
      url: urls.stores({ name }),
      purpose: name === undefined ? 'create a key-value store' : `open the key-value store ${JSON.stringify(name)}`,
      details: { name },
      // With a name the second time finds what the first has made; without one it would make another.
      isRepeatable: name !== undefined,
      signal: options?.signal,
    });
    return toInfo(store);
  }

  #assertUsable(options?: OperationOptions): void {
    options?.signal?.throwIfAborted();
    if (!this.#isClosed) return;
    throw new KvError('KV_BACKEND_CLOSED', `The backend of ${this.location} is closed. Create another one.`, {
      details: { location: this.location },
    });
  }
}

function resolveRef(ref: StorageRef): ResolvedStorageRef {
  const resolved = resolveStorageRef(ref);
  if (resolved.type === 'name') assertUserName(resolved.name);
  return resolved;
}
