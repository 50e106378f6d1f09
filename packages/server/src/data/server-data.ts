import { isKvError, JSON_CONTENT_TYPE } from '@kv/core';
import type { KeyValueStoreBackend, StorageBackend } from '@kv/core';
import { DATA_STORE_NAME } from './reserved-names.js';

/**
 * What the server itself has to remember, as JSON records of a store of the backend, so that it works on any backend and
 * several servers on one place agree. The store is not to be reached through the API.
 */
export class ServerData {
  readonly #backend: StorageBackend;
  #store: Promise<KeyValueStoreBackend> | undefined;

  constructor(backend: StorageBackend) {
    this.#backend = backend;
  }

  /** Reads a record; `undefined` when there is none. */
  async get<T>(key: string): Promise<T | undefined> {
    const record = await (await this.#find())?.getRecord(key);
    return record && (JSON.parse(new TextDecoder().decode(record.value)) as T);
  }

  /** Stores a record. */
  async set(key: string, value: object): Promise<void> {
    const bytes = new TextEncoder().encode(JSON.stringify(value));
    await (await this.#open()).setRecord({ key, value: bytes, contentType: JSON_CONTENT_TYPE });
  }

  /**
   * Stores a record that does not exist yet, and gives what is stored then: another server may have been faster.
   *
   * Without the capability `conditionalWrites`, the faster one may be overwritten.
   */
  async create<T extends object>(key: string, value: T): Promise<T> {
    const existing = await this.get<T>(key);
    if (existing !== undefined) return existing;
    const bytes = new TextEncoder().encode(JSON.stringify(value));
    const options = this.#backend.capabilities.conditionalWrites ? { ifNoneMatch: '*' } : {};
    try {
      await (await this.#open()).setRecord({ key, value: bytes, contentType: JSON_CONTENT_TYPE }, options);
    } catch (error) {
      if (!isKvError(error, 'KV_PRECONDITION_FAILED')) throw error;
    }
    return (await this.get<T>(key)) ?? value;
  }

  /** Removes a record. */
  async delete(key: string): Promise<void> {
    await (await this.#find())?.deleteRecord(key);
  }

  /** Reads all records whose keys begin with a prefix. */
  async list<T>(prefix: string): Promise<T[]> {
    const values: T[] = [];
    const store = await this.#find();
    if (!store) return values;
    let exclusiveStartKey: string | undefined;
    do {
      const page = await store.listKeys({ prefix, exclusiveStartKey });
      const read = await Promise.all(page.items.map(({ key }) => this.get<T>(key)));
      values.push(...read.filter((value) => value !== undefined));
      exclusiveStartKey = page.nextExclusiveStartKey ?? undefined;
    } while (exclusiveStartKey !== undefined);
    return values;
  }

  /** Gives the store for a look at it; `undefined` when there is none, which is no reason to make it. */
  #find(): Promise<KeyValueStoreBackend | undefined> {
    return this.#store ?? this.#openExisting();
  }

  async #openExisting(): Promise<KeyValueStoreBackend | undefined> {
    return (await this.#backend.findKeyValueStore({ name: DATA_STORE_NAME })) && this.#open();
  }

  #open(): Promise<KeyValueStoreBackend> {
    const opening = (this.#store ??= this.#backend.openKeyValueStore({ name: DATA_STORE_NAME }));
    // The next call tries again.
    opening.catch(() => (this.#store = undefined));
    return opening;
  }
}
