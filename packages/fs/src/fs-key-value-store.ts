import { rmSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  assertContentType,
  assertRecordKey,
  isConditional,
  isKvError,
  KvError,
  resolveListKeysOptions,
} from '@kv/core';
import type {
  KeyValueStoreBackend,
  KeyValueStoreChanges,
  KeyValueStoreInfo,
  KeyValueStoreRecord,
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
import { isFileError, toKvError } from './io/file-error.js';
import { isFile } from './io/is-file.js';
import { SMALL_VALUE_BYTES } from './io/small-value.js';
import { KeySnapshot } from './record/key-snapshot.js';
import { listPage } from './record/list-keys.js';
import { readRecord, readRecordInfo, streamRecord } from './record/read-record.js';
import { resolveRecord, storeIsGone } from './record/resolve-record.js';
import { commitRecord, deleteRecord } from './record/write-record.js';
import { purgeStore } from './store/purge-store.js';
import type { StoreDirectory } from './store/store-directory.js';
import { assertChanges, changeMetadata, toInfo } from './store/store-info.js';
import type { StoreMetadata } from './store/store-metadata.js';
import type { Stores } from './store/stores.js';

/** What an open store needs of its backend. */
export interface FsKeyValueStoreContext {
  readonly stores: Stores;
  readonly store: StoreDirectory;
  /** Raises `KV_BACKEND_CLOSED` after the backend was closed. */
  readonly assertOpen: () => void;
  /** Is told that the store is no more. */
  readonly onDrop: () => void;
}

/** The contract's view of the directory of a store: validates, follows renames, and turns file errors into KvErrors. */
export class FsKeyValueStore implements KeyValueStoreBackend {
  readonly id: string;
  readonly #stores: Stores;
  readonly #store: StoreDirectory;
  readonly #context: FsKeyValueStoreContext;
  readonly #snapshot: KeySnapshot = new KeySnapshot();
  #isDropped = false;

  constructor(context: FsKeyValueStoreContext) {
    this.#context = context;
    this.#stores = context.stores;
    this.#store = context.store;
    this.id = context.store.id;
  }

  async getInfo(options?: OperationOptions): Promise<KeyValueStoreInfo> {
    return this.#run(options, () => toInfo(this.#readMetadata(), this.#store.path));
  }

  async update(changes: KeyValueStoreChanges, options?: OperationOptions): Promise<KeyValueStoreInfo> {
    assertChanges(changes);
    return this.#run(options, () => {
      const metadata = this.#readMetadata();
      const place = basename(this.#store.path);
      const target = changes.name === undefined ? place : this.#stores.move({ place, metadata }, changes.name);
      this.#store.path = this.#stores.path(target);
      const changed = changeMetadata(metadata, changes);
      this.#stores.writeMetadata(target, changed);
      return toInfo(changed, this.#store.path);
    });
  }

  async drop(options?: OperationOptions): Promise<void> {
    return this.#run(options, async () => {
      this.#readMetadata();
      const path = this.#stores.takeAway(basename(this.#store.path));
      this.#isDropped = true;
      this.#context.onDrop();
      await this.#stores.discard(path);
    });
  }

  async purge(options?: PurgeOptions): Promise<PurgeResult> {
    return this.#run(options, async () => {
      const { name, alias } = this.#readMetadata();
      return {
        id: this.id,
        label: name ?? alias ?? this.id,
        ...(await purgeStore(this.#store, this.#snapshot.read(this.#store), options)),
      };
    });
  }

  async getRecord(key: string, options?: OperationOptions): Promise<KeyValueStoreRecord | undefined> {
    assertRecordKey(key);
    return this.#run(options, () => readRecord(this.#store, key));
  }

  async getRecordStream(key: string, options?: OperationOptions): Promise<KeyValueStoreRecordStream | undefined> {
    assertRecordKey(key);
    return this.#run(options, () => streamRecord(this.#store, key));
  }

  async getRecordInfo(key: string, options?: OperationOptions): Promise<RecordInfo | undefined> {
    assertRecordKey(key);
    return this.#run(options, () => readRecordInfo(this.#store, key));
  }

  async setRecord(record: SetRecord, options: WriteOptions = {}): Promise<void> {
    const { key, contentType, value } = record;
    try {
      assertRecordKey(key);
      assertContentType(contentType);
      this.#assertUsable(options);
      assertUnconditional(options);
    } catch (error) {
      // Nobody else closes a stream that is not used.
      if (value instanceof ReadableStream && !value.locked) await value.cancel(error);
      throw error;
    }
    const temp = await this.#writeTemp(record, options);
    try {
      await this.#run(options, () => {
        this.#readMetadata();
        commitRecord(this.#store, key, contentType, temp);
      });
    } catch (error) {
      rmSync(temp, { force: true });
      throw error;
    }
  }

  async deleteRecord(key: string, options?: WriteOptions): Promise<void> {
    assertRecordKey(key);
    return this.#run(options, () => {
      assertUnconditional(options);
      this.#readMetadata();
      deleteRecord(this.#store, key);
    });
  }

  async listKeys(options?: ListKeysOptions): Promise<ListKeysPage> {
    const resolved = resolveListKeysOptions(options);
    return this.#run(options, () => listPage(this.#store, this.#snapshot.read(this.#store), resolved));
  }

  async getPublicUrl(key: string, options?: OperationOptions): Promise<string | undefined> {
    assertRecordKey(key);
    return this.#run(options, () => {
      const record = resolveRecord(this.#store, key, { use: (path) => isFile(path) || undefined });
      return record && pathToFileURL(record.path).href;
    });
  }

  /** Runs an operation; where the store's directory has moved meanwhile, follows it once. */
  async #run<T>(options: OperationOptions | undefined, operation: () => T | Promise<T>): Promise<T> {
    this.#assertUsable(options);
    try {
      return await operation();
    } catch (error) {
      const isMissing = isFileError(error, 'ENOENT') || isKvError(error, 'KV_STORAGE_NOT_FOUND');
      if (isMissing && this.#follow()) return operation();
      throw isMissing && !this.#exists() ? storeIsGone(this.#store) : toKvError(error, this.#store.path);
    }
  }

  #assertUsable(options: OperationOptions | undefined): void {
    this.#context.assertOpen();
    options?.signal?.throwIfAborted();
    if (this.#isDropped) throw storeIsGone(this.#store);
  }

  #exists(): boolean {
    return statSync(this.#store.path, { throwIfNoEntry: false })?.isDirectory() === true;
  }

  #follow(): boolean {
    const found = this.#stores.findById(this.id);
    if (!found || this.#stores.path(found.place) === this.#store.path) return false;
    this.#store.path = this.#stores.path(found.place);
    return true;
  }

  #readMetadata(): StoreMetadata {
    const metadata = this.#stores.readMetadata(basename(this.#store.path));
    // Another process may have dropped or renamed the store, and a new one have taken the place.
    if (metadata?.id !== this.id) throw storeIsGone(this.#store);
    return metadata;
  }

  async #writeTemp({ value }: SetRecord, { signal }: OperationOptions): Promise<string> {
    const isSmall = value instanceof Uint8Array && value.byteLength <= SMALL_VALUE_BYTES;
    return isSmall ? this.#stores.temp.writeSync(value) : this.#stores.temp.write(value, signal);
  }
}

function assertUnconditional(options: WriteOptions | undefined): void {
  if (!isConditional(options)) return;
  throw new KvError('KV_NOT_SUPPORTED', 'The backend fs has no conditionalWrites. Use another backend for this.', {
    details: { backend: 'fs', capability: 'conditionalWrites' },
  });
}
