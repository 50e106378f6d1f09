import { createHash } from 'node:crypto';
import { assertPreconditions, createStorageId } from '@kv/core';
import type {
  KeyInfo,
  KeyValueStoreChanges,
  KeyValueStoreRecord,
  KeyValueStoreRecordStream,
  RecordInfo,
  SetRecord,
  WriteOptions,
} from '@kv/core';
import { collectBytes } from './collect-bytes.js';
import { backendClosed, nameTaken, storeNotFound } from './database-errors.js';
import type { StoreAddress, StoreRow } from './store-row.js';

type StoredRecord = RecordInfo & { readonly value: Uint8Array };
type Store = StoreRow & { readonly records: Map<string, StoredRecord> };

/**
 * Keeps the stores and their records. THIS IS THE PART TO REPLACE: put your engine where the map is.
 *
 * What a method does after its last `await` is one step here, which nobody sees half done; make it one transaction, or one
 * command, of your engine.
 */
export class TemplateDatabase {
  /** Where the data lies, for people: an absolute path, or a URL without secrets. */
  readonly location = 'memory';
  readonly #stores = new Map<string, Store>();
  #isClosed = false;

  /** Finds a store, or creates it. Of many that open the same new one at once, one creates it. */
  async openStore(address: StoreAddress): Promise<StoreRow> {
    const found = this.#find(address);
    if (found) return found;
    // A default store has the id that the program expects, unless a store that was given a name since has it.
    const isFree = address.type === 'default' && !this.#stores.has(address.word);
    const id = isFree ? address.word : createStorageId();
    const now = new Date();
    const row = { id, ...address, title: null, generalAccess: null, createdAt: now, modifiedAt: now };
    this.#stores.set(id, { ...row, records: new Map() });
    return row;
  }

  /** Finds a store by its id or by its address. */
  async findStore(target: string | StoreAddress): Promise<StoreRow | undefined> {
    return this.#find(target);
  }

  /** Reads a store; `KV_STORAGE_NOT_FOUND` when it is gone. So does every method below that takes an id. */
  async getStore(id: string): Promise<StoreRow> {
    return this.#get(id);
  }

  /** Lists all stores, by creation time and then by id. */
  async listStores(): Promise<readonly StoreRow[]> {
    this.#assertOpen();
    const stores = [...this.#stores.values()];
    return stores.toSorted((a, b) => a.createdAt.getTime() - b.createdAt.getTime() || (a.id < b.id ? -1 : 1));
  }

  /** Changes what is given; `KV_NAME_TAKEN` when another store has the name. */
  async updateStore(id: string, { name, ...changes }: KeyValueStoreChanges): Promise<StoreRow> {
    const store = this.#get(id);
    const address: StoreAddress = name === undefined ? store : { type: 'name', word: name };
    const owner = this.#find(address);
    if (owner && owner.id !== id) throw nameTaken(address.word);
    const { title = store.title, generalAccess = store.generalAccess } = changes;
    const { type, word } = address;
    const updated = { ...store, type, word, title, generalAccess, modifiedAt: new Date() };
    this.#stores.set(id, updated);
    return updated;
  }

  /** Removes a store and all its records. */
  async dropStore(id: string): Promise<void> {
    this.#stores.delete(this.#get(id).id);
  }

  /** Removes the records that are not kept, or only says which, ascending. */
  async purgeStore(
    id: string,
    isKept: (key: string) => boolean,
    isDryRun: boolean,
  ): Promise<{ removed: string[]; kept: number }> {
    const { records } = this.#get(id);
    const removed = [...records.keys()].filter((key) => !isKept(key)).toSorted();
    const kept = records.size - removed.length;
    if (isDryRun) return { removed, kept };
    for (const key of removed) records.delete(key);
    this.#touch(id);
    return { removed, kept };
  }

  /** Reads a record. */
  async readRecord(id: string, key: string): Promise<KeyValueStoreRecord | undefined> {
    const record = this.#get(id).records.get(key);
    return record && { key, value: record.value.slice(), contentType: record.contentType };
  }

  /** Opens a record: the stream gives what the record was at this moment, whatever is written or deleted meanwhile. */
  async openRecord(id: string, key: string): Promise<KeyValueStoreRecordStream | undefined> {
    const record = this.#get(id).records.get(key);
    return record && { ...describe(record), stream: new Blob([record.value.slice()]).stream() };
  }

  /** Reads what is known of a record without its value. */
  async findRecord(id: string, key: string): Promise<RecordInfo | undefined> {
    const record = this.#get(id).records.get(key);
    return record && describe(record);
  }

  /** Stores a record: value, type, size and etag at once, and only when the conditions of `options` hold in that moment. */
  async writeRecord(id: string, { key, value, contentType }: SetRecord, options: WriteOptions): Promise<void> {
    this.#get(id);
    // The copy is the map's own: a caller may change a buffer after the write.
    const bytes = value instanceof Uint8Array ? value.slice() : await collectBytes(value, options.signal);
    const { records } = this.#get(id);
    assertPreconditions(key, options, records.get(key)?.etag);
    const etag = createHash('sha256').update(contentType).update('\0').update(bytes).digest('base64url');
    records.set(key, { key, value: bytes, contentType, size: bytes.length, etag, modifiedAt: new Date() });
    this.#touch(id);
  }

  /** Removes a record if there is one, and only when the conditions of `options` hold in that moment. */
  async deleteRecord(id: string, key: string, options: WriteOptions): Promise<void> {
    const { records } = this.#get(id);
    assertPreconditions(key, options, records.get(key)?.etag);
    if (records.delete(key)) this.#touch(id);
  }

  /** Lists the first `limit` keys with the prefix that come after a key, in ascending order of their bytes. */
  async listKeys(
    id: string,
    { prefix, after, limit }: { prefix: string; after: string; limit: number },
  ): Promise<KeyInfo[]> {
    const records = [...this.#get(id).records.values()].filter(({ key }) => key.startsWith(prefix) && key > after);
    // Keys are ASCII, so the order of UTF-16 units is the order of their UTF-8 bytes.
    const ordered = records.toSorted((a, b) => (a.key < b.key ? -1 : 1));
    return ordered.slice(0, limit).map(({ key, size }) => ({ key, size }));
  }

  /** Lets go of everything; a second call does nothing. Every other method raises `KV_BACKEND_CLOSED` from then on. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#stores.clear();
  }

  #find(target: string | StoreAddress): Store | undefined {
    this.#assertOpen();
    if (typeof target === 'string') return this.#stores.get(target);
    return [...this.#stores.values()].find(({ type, word }) => type === target.type && word === target.word);
  }

  #get(id: string): Store {
    const store = this.#find(id);
    if (!store) throw storeNotFound(id);
    return store;
  }

  #touch(id: string): void {
    this.#stores.set(id, { ...this.#get(id), modifiedAt: new Date() });
  }

  #assertOpen(): void {
    if (this.#isClosed) throw backendClosed(this.location);
  }
}

function describe({ key, contentType, size, etag, modifiedAt }: StoredRecord): RecordInfo {
  return { key, contentType, size, etag, modifiedAt };
}
