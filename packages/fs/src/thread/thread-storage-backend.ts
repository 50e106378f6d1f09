import { KvError } from '@kv/core';
import type {
  KeyValueStoreBackend,
  KeyValueStoreInfo,
  OperationOptions,
  PurgeOptions,
  PurgeResult,
  StorageCapabilities,
  StorageRef,
} from '@kv/core';
import type { FsBackend, RestoreResult } from '../fs-backend.js';
import { FS_CAPABILITIES } from '../fs-storage-backend.js';
import type { StoreAnswer, ThreadData } from './messages.js';
import { ThreadChannel } from './thread-channel.js';
import { ThreadKeyValueStore } from './thread-key-value-store.js';

/** A backend on a directory that works in a thread of its own, so that no system call, however slow, blocks this one. */
export class ThreadStorageBackend implements FsBackend {
  readonly contractVersion = 1;
  readonly name = 'fs';
  readonly location: string;
  readonly capabilities: StorageCapabilities = FS_CAPABILITIES;
  readonly #data: ThreadData;
  readonly #stores = new Map<number, ThreadKeyValueStore>();
  #channel: ThreadChannel | undefined;
  #isClosed = false;

  constructor(data: ThreadData) {
    this.location = data.options.dir;
    this.#data = data;
  }

  async openKeyValueStore(ref: StorageRef, options?: OperationOptions): Promise<KeyValueStoreBackend> {
    const call = { method: 'openKeyValueStore', args: [ref], options };
    const { handle, id } = await this.#open().call<StoreAnswer>(call);
    const store = this.#stores.get(handle) ?? new ThreadKeyValueStore(id, handle, () => this.#open());
    this.#stores.set(handle, store);
    return store;
  }

  async findKeyValueStore(ref: StorageRef, options?: OperationOptions): Promise<KeyValueStoreInfo | undefined> {
    return this.#open().call({ method: 'findKeyValueStore', args: [ref], options });
  }

  async listKeyValueStores(options?: OperationOptions): Promise<readonly KeyValueStoreInfo[]> {
    return this.#open().call({ method: 'listKeyValueStores', options });
  }

  async purge(options?: PurgeOptions): Promise<readonly PurgeResult[]> {
    return this.#open().call({ method: 'purge', options });
  }

  async restore(options?: OperationOptions): Promise<readonly RestoreResult[]> {
    return this.#open().call({ method: 'restore', options });
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#channel?.call({ method: 'close' });
    this.#channel?.end();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** The thread is started by the first who needs it. */
  #open(): ThreadChannel {
    if (!this.#isClosed) return (this.#channel ??= new ThreadChannel(this.#data, this.location));
    throw new KvError('KV_BACKEND_CLOSED', `The backend of ${this.location} is closed. Create another one.`, {
      details: { location: this.location },
    });
  }
}
