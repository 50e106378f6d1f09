import {
  assertContentEncoding,
  assertContentType,
  assertRecordKey,
  assertStorageName,
  isConditional,
  purgeRule,
  resolveListKeysOptions,
  toRecordBody,
} from '@kv/core';
import type {
  KeyValueStoreBackend,
  KeyValueStoreChanges,
  KeyValueStoreInfo,
  KeyValueStoreRecord,
  KeyValueStoreRecordBody,
  KeyValueStoreRecordStream,
  ListKeysOptions,
  ListKeysPage,
  OperationOptions,
  PurgeOptions,
  PurgeResult,
  RecordInfo,
  SetRecord,
  WriteOptions,
} from '@kv/core';
import { notSupported } from './database-errors.js';
import { infoOf } from './store-row.js';
import type { TemplateDatabase } from './template-database.js';

/** A handle of one store: checks what it is given, and leaves the rest to the database. It keeps nothing itself. */
export class TemplateKeyValueStore implements KeyValueStoreBackend {
  readonly id: string;
  readonly #database: TemplateDatabase;

  constructor(database: TemplateDatabase, id: string) {
    this.#database = database;
    this.id = id;
  }

  async getInfo(options?: OperationOptions): Promise<KeyValueStoreInfo> {
    options?.signal?.throwIfAborted();
    return infoOf(await this.#database.getStore(this.id));
  }

  async update(changes: KeyValueStoreChanges, options?: OperationOptions): Promise<KeyValueStoreInfo> {
    if (changes.name !== undefined) assertStorageName(changes.name);
    assertText('title', changes.title);
    assertText('access', changes.generalAccess);
    options?.signal?.throwIfAborted();
    return infoOf(await this.#database.updateStore(this.id, changes));
  }

  async drop(options?: OperationOptions): Promise<void> {
    options?.signal?.throwIfAborted();
    await this.#database.dropStore(this.id);
  }

  async purge(options: PurgeOptions = {}): Promise<PurgeResult> {
    const isKept = purgeRule(options.keepKeys);
    options.signal?.throwIfAborted();
    const isDryRun = options.dryRun === true;
    const { name, alias } = infoOf(await this.#database.getStore(this.id));
    const { removed, kept } = await this.#database.purgeStore(this.id, isKept, isDryRun);
    const result = { id: this.id, label: name ?? alias ?? this.id, removed: removed.length, kept };
    return isDryRun ? { ...result, removedKeys: removed } : result;
  }

  async getRecord(key: string, options?: OperationOptions): Promise<KeyValueStoreRecord | undefined> {
    assertRecordKey(key);
    options?.signal?.throwIfAborted();
    return this.#database.readRecord(this.id, key);
  }

  async getRecordStream(key: string, options?: OperationOptions): Promise<KeyValueStoreRecordStream | undefined> {
    assertRecordKey(key);
    options?.signal?.throwIfAborted();
    return this.#database.openRecord(this.id, key);
  }

  async getRecordBody(key: string, options?: OperationOptions): Promise<KeyValueStoreRecordBody | undefined> {
    const record = await this.getRecordStream(key, options);
    return record && toRecordBody(record);
  }

  async getRecordInfo(key: string, options?: OperationOptions): Promise<RecordInfo | undefined> {
    assertRecordKey(key);
    options?.signal?.throwIfAborted();
    return this.#database.findRecord(this.id, key);
  }

  async setRecord(record: SetRecord, options: WriteOptions = {}): Promise<void> {
    try {
      assertRecordKey(record.key);
      assertContentType(record.contentType);
      assertContentEncoding(record.contentEncoding);
      isConditional(options);
      options.signal?.throwIfAborted();
      await this.#database.writeRecord(this.id, record, options);
    } catch (error) {
      // Whoever waits for the stream to be read learns that it will not be.
      if (record.value instanceof ReadableStream && !record.value.locked) await record.value.cancel(error);
      throw error;
    }
  }

  async deleteRecord(key: string, options: WriteOptions = {}): Promise<void> {
    assertRecordKey(key);
    isConditional(options);
    options.signal?.throwIfAborted();
    await this.#database.deleteRecord(this.id, key, options);
  }

  async listKeys(options?: ListKeysOptions): Promise<ListKeysPage> {
    const { prefix, exclusiveStartKey: after = '', limit } = resolveListKeysOptions(options);
    options?.signal?.throwIfAborted();
    // One more than asked for tells whether keys remain.
    const found = await this.#database.listKeys(this.id, { prefix, after, limit: limit + 1 });
    const items = found.slice(0, limit);
    const isTruncated = found.length > limit;
    const last = items.at(-1)?.key ?? null;
    return { items, count: items.length, limit, isTruncated, nextExclusiveStartKey: isTruncated ? last : null };
  }

  async getPublicUrl(): Promise<never> {
    throw notSupported('publicUrls');
  }
}

function assertText(what: string, value: unknown): void {
  if (value === undefined || value === null || typeof value === 'string') return;
  throw new TypeError(`The ${what} of a store must be a string or null, not ${typeof value}.`);
}
