import { basename } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  assertContentEncoding,
  assertContentType,
  assertPreconditions,
  assertRecordKey,
  isConditional,
  isKvError,
  resolveListKeysOptions,
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
import { breathe } from './io/breathe.js';
import { retryWhileBusy, waitWhileBusy } from './io/busy-file.js';
import { isFileError, toKvError } from './io/file-error.js';
import type { Passage } from './io/gate.js';
import { isFile } from './io/is-file.js';
import { SMALL_VALUE_BYTES } from './io/small-value.js';
import { smallTempFile } from './io/temp-files.js';
import type { TempFile } from './io/temp-files.js';
import { KeySnapshot } from './record/key-snapshot.js';
import { listPage } from './record/list-keys.js';
import { readRecord, readRecordBody, readRecordInfo, streamRecord } from './record/read-record.js';
import { resolveRecord } from './record/resolve-record.js';
import { commitRecord, deleteRecord } from './record/write-record.js';
import { moveStore } from './store/move-store.js';
import { purgeStore } from './store/purge-store.js';
import type { PurgeCount } from './store/purge-store.js';
import type { Runs } from './store/runs.js';
import { isSameDirectory, storeIsGone } from './store/store-directory.js';
import type { StoreDirectory } from './store/store-directory.js';
import { assertChanges, changeMetadata, toInfo } from './store/store-info.js';
import type { StoreMetadata } from './store/store-metadata.js';
import type { Stores } from './store/stores.js';

// Looking whether the directory is still the store's costs a system call, so reads do it now and then.
const LOOK_MILLIS = 100;
// Each time, somebody else was faster; nobody is slower that often.
const MAX_ATTEMPTS = 50;

/** What an open store needs of its backend. */
export interface FsKeyValueStoreContext {
  readonly stores: Stores;
  readonly store: StoreDirectory;
  /** Raises `KV_BACKEND_CLOSED` after the backend was closed. */
  readonly assertOpen: () => void;
  /** Is told that the store is no more. */
  readonly onDrop: () => void;
  /** Is told that there is something in the trash. */
  readonly onPurge: () => void;
  /** Knows the runs that use the store; where it lives for one run. */
  readonly runs: Runs | undefined;
}

/** The contract's view of the directory of a store: validates, follows renames, and turns file errors into KvErrors. */
export class FsKeyValueStore implements KeyValueStoreBackend {
  readonly id: string;
  readonly #stores: Stores;
  readonly #store: StoreDirectory;
  readonly #context: FsKeyValueStoreContext;
  readonly #snapshot: KeySnapshot = new KeySnapshot();
  #isDropped = false;
  #lookedAt = 0;
  #hasJoined = false;

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
    return this.#run(options, async () => {
      const metadata = this.#readMetadata();
      const place = basename(this.#store.path);
      const { name } = changes;
      if (name !== undefined) this.#moveTo(await moveStore(this.#stores, { place, metadata }, name, options?.signal));
      return this.#store.gate.hold(options?.signal, (passage) => {
        const changed = changeMetadata(this.#readMetadata(), changes);
        this.#stores.writeMetadata(basename(this.#store.path), changed, passage);
        return toInfo(changed, this.#store.path);
      });
    });
  }

  async drop(options?: OperationOptions): Promise<void> {
    return this.#run(options, async () => {
      this.#readMetadata();
      await this.#store.gate.hold(options?.signal, () => {
        // Another process may have been faster, and a third one have made a new store.
        this.#readMetadata();
        this.#stores.remove(basename(this.#store.path), this.id);
      });
      this.#isDropped = true;
      this.#context.onDrop();
    });
  }

  async purge(options: PurgeOptions = {}): Promise<PurgeResult> {
    const isDry = options.dryRun === true;
    const runs = isDry ? undefined : this.#context.runs;
    const result = await this.purgeInto(() => this.#stores.trash.newPurge(), options, runs);
    if (!isDry) this.#context.onPurge();
    return result;
  }

  /** Purges the store into a directory of the trash that others may share; unless one of the given runs is using it. */
  async purgeInto(newTrash: () => string, options: PurgeOptions, runs?: Runs): Promise<PurgeResult> {
    return this.#run(options, async () => {
      const { name, alias } = this.#readMetadata();
      const purge = async (): Promise<PurgeCount> => purgeStore(this.#store, newTrash, options);
      const count = await (runs ? runs.purge(options.signal, purge) : purge());
      return { id: this.id, label: name ?? alias ?? this.id, ...count };
    });
  }

  getRecord(key: string, options?: OperationOptions): Promise<KeyValueStoreRecord | undefined> {
    return this.#read(key, options, () => readRecord(this.#store, key));
  }

  getRecordStream(key: string, options?: OperationOptions): Promise<KeyValueStoreRecordStream | undefined> {
    return this.#read(key, options, () => streamRecord(this.#store, key));
  }

  getRecordBody(key: string, options?: OperationOptions): Promise<KeyValueStoreRecordBody | undefined> {
    return this.#read(key, options, () => readRecordBody(this.#store, key));
  }

  getRecordInfo(key: string, options?: OperationOptions): Promise<RecordInfo | undefined> {
    return this.#read(key, options, () => readRecordInfo(this.#store, key));
  }

  async setRecord(record: SetRecord, options: WriteOptions = {}): Promise<void> {
    const { key, contentType, contentEncoding, value } = record;
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
    const temp = await this.#tempFile(record, options);
    try {
      await this.#change(key, options, (passage) =>
        commitRecord(this.#store, passage, { key, contentType, contentEncoding, temp }),
      );
      this.#snapshot.noteWrite(key);
    } catch (error) {
      temp.discard(this.#store.gate.open);
      throw error;
    }
  }

  async deleteRecord(key: string, options: WriteOptions = {}): Promise<void> {
    assertRecordKey(key);
    return this.#change(key, options, (passage) => deleteRecord(this.#store, passage, key));
  }

  async listKeys(options?: ListKeysOptions): Promise<ListKeysPage> {
    const resolved = resolveListKeysOptions(options);
    return this.#run(options, async () => {
      for (;;) {
        const known = await this.#snapshot.read(this.#store, resolved.exclusiveStartKey);
        const page = listPage(this.#store, known, resolved);
        // A purge puts another directory in the place of the store's.
        if (!isSameDirectory(this.#store)) continue;
        if (page.nextExclusiveStartKey !== null) this.#snapshot.noteCursor(page.nextExclusiveStartKey);
        return page;
      }
    });
  }

  getPublicUrl(key: string, options?: OperationOptions): Promise<string | undefined> {
    return this.#read(key, options, () => {
      const path = this.#findFile(key);
      return path && pathToFileURL(path).href;
    });
  }

  /** Changes a record: at once where one step does it, otherwise while no other process can change the store. */
  async #change(key: string, options: WriteOptions, change: (passage: Passage) => boolean): Promise<void> {
    const isAlone = isConditional(options);
    return this.#run(options, async () => {
      if (!this.#hasJoined) await this.#context.runs?.join(options.signal);
      this.#hasJoined = true;
      const isDone = !isAlone && change(this.#store.gate.open);
      if (!isDone) {
        await this.#store.gate.hold(options.signal, (passage) => {
          // A gate that was missing is made anew, also where the store is gone.
          isSameDirectory(this.#store);
          if (isAlone) assertPreconditions(key, options, readRecordInfo(this.#store, key)?.etag);
          change(passage);
        });
      }
      this.#store.handPlaced.noteChange(this.#store.path);
    });
  }

  /**
   * Runs a look-up. A store that another process has put in the place of this one is recognised here; writes meet its gate.
   *
   * Nothing here waits for a promise to hand it on: each time, that takes as long as a system call.
   */
  #read<T>(key: string, options: OperationOptions | undefined, look: () => T | Promise<T>): Promise<T> {
    return this.#run(options, () => {
      assertRecordKey(key);
      const now = performance.now();
      if (now - this.#lookedAt >= LOOK_MILLIS) {
        isSameDirectory(this.#store);
        this.#lookedAt = now;
      }
      return look();
    });
  }

  /** Runs an operation; where the store's directory has moved meanwhile, or its gate or a file is held, tries again. */
  async #run<T>(options: OperationOptions | undefined, operation: () => T | Promise<T>): Promise<T> {
    const turn = breathe();
    if (turn) await turn;
    this.#assertUsable(options);
    for (let attempt = 1, busy = 0; ; attempt += 1) {
      try {
        const result = operation();
        // To wait for what is there already takes as long as a system call.
        return result instanceof Promise ? await result : result;
      } catch (error) {
        if (await waitWhileBusy(error, busy, options?.signal)) {
          busy += 1;
          continue;
        }
        const isMissing = isFileError(error, 'ENOENT') || isKvError(error, 'KV_STORAGE_NOT_FOUND');
        if (!isMissing || attempt === MAX_ATTEMPTS) throw toKvError(error, this.#store.path);
      }
      const comesBack = await retryWhileBusy(async () => this.#comesBack(options), options?.signal);
      if (!comesBack) throw storeIsGone(this.#store);
    }
  }

  /** Finds out where the store is after something was missing, and waits for those who hold its gate. */
  async #comesBack(options: OperationOptions | undefined): Promise<boolean> {
    const { gate } = this.#store;
    try {
      // A gate that is missing is made anew, but not where the store was dropped or renamed: its place may be another's by now.
      if (gate.isHeld || this.#isInPlace()) await gate.ready(options?.signal).catch(ignoreGone);
      // Who drops the store from here on takes the gate along.
      return this.#isInPlace() || (await this.#follow(options));
    } catch (error) {
      throw toKvError(error, this.#store.path);
    }
  }

  #isInPlace(): boolean {
    return this.#store.readId() === this.id;
  }

  #assertUsable(options: OperationOptions | undefined): void {
    this.#context.assertOpen();
    options?.signal?.throwIfAborted();
    if (this.#isDropped) throw storeIsGone(this.#store);
  }

  async #follow(options: OperationOptions | undefined): Promise<boolean> {
    const found = await this.#stores.findSettled({ type: 'id', id: this.id }, options?.signal);
    if (!found) return false;
    this.#moveTo(found.place);
    return true;
  }

  #moveTo(place: string): void {
    this.#store.path = this.#stores.path(place);
    this.#store.gate = this.#stores.gates.of(place, this.id);
  }

  #readMetadata(): StoreMetadata {
    const metadata = this.#stores.readMetadata(basename(this.#store.path));
    if (metadata?.id !== this.id) throw storeIsGone(this.#store);
    return metadata;
  }

  async #tempFile({ key, value }: SetRecord, { signal }: OperationOptions): Promise<TempFile> {
    const isSmall = value instanceof Uint8Array && value.byteLength <= SMALL_VALUE_BYTES;
    if (isSmall) return smallTempFile(value, this.#store.durability);
    return this.#stores.temp.write(value, { replaces: this.#mayHold(key), signal });
  }

  #findFile(key: string): string | undefined {
    return resolveRecord(this.#store, key, { use: (path) => isFile(path) || undefined })?.path;
  }

  /** Tells whether there is likely to be a record. What is wrong with it or the store is for the write to say. */
  #mayHold(key: string): boolean {
    try {
      return this.#findFile(key) !== undefined;
    } catch (error) {
      if (isKvError(error) || isFileError(error)) return true;
      throw error;
    }
  }
}

function ignoreGone(error: unknown): void {
  if (!isKvError(error, 'KV_STORAGE_NOT_FOUND')) throw error;
}
