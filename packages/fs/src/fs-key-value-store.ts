import { rmSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { pathToFileURL } from 'node:url';
import { assertContentType, assertRecordKey, assertStorageName, isKvError, resolveListKeysOptions } from '@kv/core';
import type { KeyValueStoreBackend, KeyValueStoreChanges, KeyValueStoreInfo, OperationOptions, SetRecord } from '@kv/core';
import { isFileError, toKvError } from './io/file-error.js';
import { SMALL_VALUE_BYTES } from './io/small-value.js';
import { KeySnapshot } from './record/key-snapshot.js';
import { listPage } from './record/list-keys.js';
import { readRecord, readRecordInfo, streamRecord } from './record/read-record.js';
import { resolveRecord, storeIsGone } from './record/resolve-record.js';
import { commitRecord, deleteRecord } from './record/write-record.js';
import { purgeStore } from './store/purge-store.js';
import type { StoreDirectory } from './store/store-directory.js';
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

/** Opens the contract's view of a store's directory. */
export function createFsKeyValueStore({ stores, store, assertOpen, onDrop }: FsKeyValueStoreContext): KeyValueStoreBackend {
  const snapshot = new KeySnapshot();
  let isDropped = false;

  /** Runs an operation; where the store's directory has moved meanwhile, follows it once. */
  async function run<T>(options: OperationOptions | undefined, operation: () => T | Promise<T>): Promise<T> {
    assertOpen();
    options?.signal?.throwIfAborted();
    if (isDropped) throw storeIsGone(store);
    try {
      return await operation();
    } catch (error) {
      const isMissing = isFileError(error, 'ENOENT') || isKvError(error, 'KV_STORAGE_NOT_FOUND');
      if (isMissing && follow()) return operation();
      throw isMissing && !isHere() ? storeIsGone(store) : toKvError(error, store.path);
    }
  }

  function isHere(): boolean {
    return statSync(store.path, { throwIfNoEntry: false })?.isDirectory() === true;
  }

  function follow(): boolean {
    if (isHere()) return false;
    const found = stores.findById(store.id);
    if (found) store.path = stores.path(found.place);
    return found !== undefined;
  }

  function readMetadata(): StoreMetadata {
    const metadata = stores.readMetadata(basename(store.path));
    if (!metadata) throw storeIsGone(store);
    return metadata;
  }

  async function writeTemp({ value }: SetRecord, options: OperationOptions): Promise<string> {
    const isSmall = value instanceof Uint8Array && value.byteLength <= SMALL_VALUE_BYTES;
    return isSmall ? stores.temp.writeSync(value) : stores.temp.write(value, options.signal);
  }

  function update(changes: KeyValueStoreChanges): KeyValueStoreInfo {
    const metadata = readMetadata();
    const place = basename(store.path);
    const target = changes.name === undefined ? place : stores.move({ place, metadata }, changes.name);
    store.path = stores.path(target);
    const changed = applyChanges(metadata, changes);
    stores.writeMetadata(target, changed);
    return toInfo(changed, store.path);
  }

  return {
    id: store.id,

    getInfo: (options) => run(options, () => toInfo(readMetadata(), store.path)),

    async update(changes, options) {
      if (changes.name !== undefined) assertStorageName(changes.name);
      return run(options, () => update(changes));
    },

    drop: (options) =>
      run(options, async () => {
        readMetadata();
        await stores.remove(basename(store.path));
        isDropped = true;
        onDrop();
      }),

    purge: (options) =>
      run(options, () => {
        const label = labelOf(readMetadata());
        return { id: store.id, label, ...purgeStore(store, snapshot.read(store), options) };
      }),

    async getRecord(key, options) {
      assertRecordKey(key);
      return run(options, () => readRecord(store, key));
    },

    async getRecordStream(key, options) {
      assertRecordKey(key);
      return run(options, () => streamRecord(store, key));
    },

    async getRecordInfo(key, options) {
      assertRecordKey(key);
      return run(options, () => readRecordInfo(store, key));
    },

    async setRecord(record, options = {}) {
      const { key, contentType } = record;
      assertRecordKey(key);
      assertContentType(contentType);
      const temp = await run(options, () => undefined).then(() => writeTemp(record, options));
      try {
        await run(options, () => commitRecord(store, key, contentType, temp));
      } catch (error) {
        rmSync(temp, { force: true });
        throw error;
      }
    },

    async deleteRecord(key, options) {
      assertRecordKey(key);
      return run(options, () => deleteRecord(store, key));
    },

    async listKeys(options) {
      const resolved = resolveListKeysOptions(options);
      return run(options, () => listPage(store, snapshot.read(store), resolved));
    },

    async getPublicUrl(key, options) {
      assertRecordKey(key);
      return run(options, () => {
        const record = resolveRecord(store, key, { use: (path) => statSync(path, { throwIfNoEntry: false }) });
        return record && pathToFileURL(record.path).href;
      });
    },
  };
}

/** Names a store for people. */
export function labelOf({ id, name, alias }: StoreMetadata): string {
  return name ?? alias ?? id;
}

/** Makes the contract's view of a store's metadata. */
export function toInfo(metadata: StoreMetadata, path: string): KeyValueStoreInfo {
  const { id, name, alias, title, generalAccess } = metadata;
  // Every write renames a file into the directory, so its own time is that of the last one.
  const modified = Math.max(statSync(path).mtimeMs, Date.parse(metadata.modifiedAt));
  return {
    id,
    ...(name === null ? {} : { name }),
    ...(alias === undefined ? {} : { alias }),
    ...(title === undefined ? {} : { title }),
    ...(generalAccess === undefined ? {} : { generalAccess }),
    createdAt: new Date(metadata.createdAt),
    modifiedAt: new Date(modified),
    accessedAt: new Date(Math.max(modified, Date.parse(metadata.accessedAt))),
  };
}

function applyChanges(metadata: StoreMetadata, changes: KeyValueStoreChanges): StoreMetadata {
  const { alias, title: oldTitle, generalAccess: oldAccess, ...rest } = metadata;
  const { name, title = oldTitle, generalAccess = oldAccess } = changes;
  const now = new Date().toISOString();
  return {
    ...rest,
    // A store with a name is not the run's own any more.
    ...(name === undefined ? (alias === undefined ? {} : { alias }) : { name }),
    ...(typeof title === 'string' ? { title } : {}),
    ...(typeof generalAccess === 'string' ? { generalAccess } : {}),
    modifiedAt: now,
    accessedAt: now,
  };
}
