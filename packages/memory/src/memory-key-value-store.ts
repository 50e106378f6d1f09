import { createHash } from 'node:crypto';
import {
  assertContentEncoding,
  assertContentType,
  assertPreconditions,
  assertRecordKey,
  assertStorageName,
  isConditional,
  KvError,
  purgeRule,
  resolveListKeysOptions,
  SMALL_VALUE_BYTES,
} from '@kv/core';
import type {
  ContentEncoding,
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
import { collectBytes } from './collect-bytes.js';

interface MemoryRecord {
  readonly value: Uint8Array;
  readonly contentType: string;
  readonly contentEncoding: ContentEncoding | undefined;
  readonly etag: string;
  readonly modifiedAt: Date;
}

/** What a store needs of its backend. */
export interface MemoryKeyValueStoreContext {
  readonly info: KeyValueStoreInfo;
  /** Raises `KV_BACKEND_CLOSED` after the backend was closed. */
  readonly assertOpen: () => void;
  /** Raises `KV_NAME_TAKEN` when another store has the name. */
  readonly assertNameIsFree: (name: string) => void;
  /** Takes the store out of the backend. */
  readonly onDrop: () => void;
}

/** The records of one store in memory. No buffer is shared with the caller: bytes are copied in and out. */
export class MemoryKeyValueStore implements KeyValueStoreBackend {
  readonly id: string;
  readonly #context: MemoryKeyValueStoreContext;
  readonly #records = new Map<string, MemoryRecord>();
  #info: KeyValueStoreInfo;
  #isDropped = false;

  constructor(context: MemoryKeyValueStoreContext) {
    this.#context = context;
    this.#info = context.info;
    this.id = context.info.id;
  }

  /** What is known of the store, at once. */
  get info(): KeyValueStoreInfo {
    return this.#info;
  }

  async getInfo(options?: OperationOptions): Promise<KeyValueStoreInfo> {
    this.#assertUsable(options);
    return this.#info;
  }

  async update(changes: KeyValueStoreChanges, options?: OperationOptions): Promise<KeyValueStoreInfo> {
    if (changes.name !== undefined) assertStorageName(changes.name);
    assertText('title', changes.title);
    assertText('access', changes.generalAccess);
    this.#assertUsable(options);
    if (changes.name !== undefined && changes.name !== this.#info.name) this.#context.assertNameIsFree(changes.name);
    const { alias, title: oldTitle, generalAccess: oldAccess, ...rest } = this.#info;
    const { name, title = oldTitle, generalAccess = oldAccess } = changes;
    this.#info = {
      ...rest,
      // A store with a name is not the run's own any more.
      ...(name === undefined ? (alias === undefined ? {} : { alias }) : { name }),
      ...(typeof title === 'string' ? { title } : {}),
      ...(typeof generalAccess === 'string' ? { generalAccess } : {}),
      modifiedAt: new Date(),
      accessedAt: new Date(),
    };
    return this.#info;
  }

  async drop(options?: OperationOptions): Promise<void> {
    this.#assertUsable(options);
    this.#isDropped = true;
    this.#records.clear();
    this.#context.onDrop();
  }

  async purge(options: PurgeOptions = {}): Promise<PurgeResult> {
    this.#assertUsable(options);
    const isKept = purgeRule(options.keepKeys);
    const keys = [...this.#records.keys()];
    const removed = keys.filter((key) => !isKept(key));
    const { id, name, alias } = this.#info;
    const result = { id, label: name ?? alias ?? id, removed: removed.length, kept: keys.length - removed.length };
    if (options.dryRun === true) return { ...result, removedKeys: removed.toSorted() };
    for (const key of removed) this.#records.delete(key);
    this.#touch();
    return result;
  }

  async getRecord(key: string, options?: OperationOptions): Promise<KeyValueStoreRecord | undefined> {
    const record = this.#find(key, options);
    return record && { key, value: record.value.slice(), contentType: record.contentType };
  }

  async getRecordStream(key: string, options?: OperationOptions): Promise<KeyValueStoreRecordStream | undefined> {
    const record = this.#find(key, options);
    return record && { ...describe(key, record), stream: new Blob([record.value.slice()]).stream() };
  }

  async getRecordBody(key: string, options?: OperationOptions): Promise<KeyValueStoreRecordBody | undefined> {
    const record = this.#find(key, options);
    if (!record) return undefined;
    const value = record.value.slice();
    return { ...describe(key, record), value: value.length > SMALL_VALUE_BYTES ? new Blob([value]).stream() : value };
  }

  async getRecordInfo(key: string, options?: OperationOptions): Promise<RecordInfo | undefined> {
    const record = this.#find(key, options);
    return record && describe(key, record);
  }

  async setRecord(record: SetRecord, options: WriteOptions = {}): Promise<void> {
    const { key, value, contentType, contentEncoding } = record;
    try {
      assertRecordKey(key);
      assertContentType(contentType);
      assertContentEncoding(contentEncoding);
      isConditional(options);
      this.#assertUsable(options);
    } catch (error) {
      // Nobody else closes a stream that is not used.
      if (value instanceof ReadableStream && !value.locked) await value.cancel(error);
      throw error;
    }
    const bytes = value instanceof Uint8Array ? value.slice() : await collectBytes(value, options.signal);
    this.#assertUsable(options);
    assertPreconditions(key, options, this.#records.get(key)?.etag);
    const etag = createHash('sha1').update(contentType).update('\0').update(bytes).digest('base64url');
    this.#records.set(key, { value: bytes, contentType, contentEncoding, etag, modifiedAt: new Date() });
    this.#touch();
  }

  async deleteRecord(key: string, options: WriteOptions = {}): Promise<void> {
    assertRecordKey(key);
    isConditional(options);
    this.#assertUsable(options);
    assertPreconditions(key, options, this.#records.get(key)?.etag);
    if (this.#records.delete(key)) this.#touch();
  }

  async listKeys(options?: ListKeysOptions): Promise<ListKeysPage> {
    const { prefix, exclusiveStartKey = '', limit } = resolveListKeysOptions(options);
    this.#assertUsable(options);
    // Keys are ASCII, so the order of UTF-16 units is the order of their UTF-8 bytes.
    const keys = [...this.#records.keys()]
      .filter((key) => key.startsWith(prefix) && key > exclusiveStartKey)
      .toSorted();
    const items = keys.slice(0, limit).map((key) => ({ key, size: this.#records.get(key)?.value.length ?? 0 }));
    const isTruncated = keys.length > limit;
    const last = items.at(-1)?.key ?? null;
    return { items, count: items.length, limit, isTruncated, nextExclusiveStartKey: isTruncated ? last : null };
  }

  async getPublicUrl(): Promise<never> {
    throw new KvError('KV_NOT_SUPPORTED', 'The backend memory has no publicUrls. Use another backend for this.', {
      details: { backend: 'memory', capability: 'publicUrls' },
    });
  }

  #find(key: string, options: OperationOptions | undefined): MemoryRecord | undefined {
    assertRecordKey(key);
    this.#assertUsable(options);
    return this.#records.get(key);
  }

  #touch(): void {
    this.#info = { ...this.#info, modifiedAt: new Date(), accessedAt: new Date() };
  }

  #assertUsable(options: OperationOptions | undefined): void {
    this.#context.assertOpen();
    options?.signal?.throwIfAborted();
    if (!this.#isDropped) return;
    throw new KvError(
      'KV_STORAGE_NOT_FOUND',
      `The key-value store ${this.id} was dropped. Open it again to make a new one.`,
      {
        details: { id: this.id },
      },
    );
  }
}

function assertText(what: string, value: unknown): void {
  if (value === undefined || value === null || typeof value === 'string') return;
  throw new TypeError(`The ${what} of a store must be a string or null, not ${typeof value}.`);
}

function describe(key: string, { value, ...info }: MemoryRecord): RecordInfo {
  return { key, size: value.length, ...info };
}
