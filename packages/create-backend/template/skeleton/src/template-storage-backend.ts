import { resolveStorageRef } from '@kv/core';
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
import { addressOf, infoOf } from './store-row.js';
import type { StoreRow } from './store-row.js';
import type { TemplateDatabase } from './template-database.js';
import { TemplateKeyValueStore } from './template-key-value-store.js';

/** Opens, finds, lists and purges the stores of one database. */
export class TemplateStorageBackend implements StorageBackend {
  readonly contractVersion = 1;
  readonly name = 'template';
  readonly capabilities: StorageCapabilities = {
    purge: true,
    publicUrls: false,
    conditionalWrites: true,
    persistent: false,
  };
  readonly #database: TemplateDatabase;
  readonly #defaultId: string;

  constructor(database: TemplateDatabase, defaultId: string) {
    this.#database = database;
    this.#defaultId = defaultId;
  }

  get location(): string {
    return this.#database.location;
  }

  async openKeyValueStore(ref: StorageRef, options?: OperationOptions): Promise<KeyValueStoreBackend> {
    const resolved = resolveStorageRef(ref);
    options?.signal?.throwIfAborted();
    if (resolved.type !== 'id') {
      const { id } = await this.#database.openStore(addressOf(resolved, this.#defaultId));
      return new TemplateKeyValueStore(this.#database, id);
    }
    await this.#database.getStore(resolved.id);
    return new TemplateKeyValueStore(this.#database, resolved.id);
  }

  async findKeyValueStore(ref: StorageRef, options?: OperationOptions): Promise<KeyValueStoreInfo | undefined> {
    const resolved = resolveStorageRef(ref);
    options?.signal?.throwIfAborted();
    const target = resolved.type === 'id' ? resolved.id : addressOf(resolved, this.#defaultId);
    const row = await this.#database.findStore(target);
    return row && infoOf(row);
  }

  async listKeyValueStores(options?: OperationOptions): Promise<readonly KeyValueStoreInfo[]> {
    options?.signal?.throwIfAborted();
    return (await this.#database.listStores()).map(infoOf);
  }

  async purge(options?: PurgeOptions): Promise<readonly PurgeResult[]> {
    options?.signal?.throwIfAborted();
    const rows = (await this.#database.listStores()).filter((row) => this.#isOfThisRun(row));
    return Promise.all(
      rows.map(async ({ id, type, word }) => {
        const result = await new TemplateKeyValueStore(this.#database, id).purge(options);
        return { ...result, label: type === 'default' ? 'default' : word };
      }),
    );
  }

  async close(): Promise<void> {
    await this.#database.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #isOfThisRun({ type, word }: StoreRow): boolean {
    return type === 'alias' || (type === 'default' && word === this.#defaultId);
  }
}
