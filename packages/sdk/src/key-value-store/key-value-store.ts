import { assertRecordKey, decodeValue, encodeValue, KvError } from '@kv/core';
import type {
  KeyValueStoreBackend,
  KeyValueStoreInfo,
  KeyValueStoreRecord,
  PurgeResult,
  StorageCapabilities,
} from '@kv/core';
import type { OpenStorageOptions, StorageIdentifier } from '../backend/storage-identifier.js';
import { storageManagerOf } from '../backend/storage-manager.js';
import { Configuration } from '../configuration/configuration.js';
import { timerMillis } from '../timer-millis.js';
import { AutoSavedValues, isTrackable } from './auto-saved-values.js';
import { dualIterable } from './dual-iterable.js';
import type { DualIterable } from './dual-iterable.js';
import { iterateKeys } from './iterate-keys.js';
import type { IterateKeysOptions } from './iterate-keys.js';
import { KeyQueue } from './key-queue.js';
import type { PurgeStoreOptions } from './purge-store-options.js';
import type { SetValueOptions } from './set-value-options.js';
import { StoreContext } from './store-context.js';
import { updateValue } from './update-value.js';
import type { ChangeValue, UpdateOptions } from './update-value.js';
import { watchLoss } from './watch-loss.js';

/** What an iteration tells of a key. */
export interface KeyDetails {
  /** Size of the record's value in bytes. */
  readonly size: number;
}

/**
 * Stores records under keys: JSON values, texts, images, any bytes, each with its content type.
 *
 * Open it with {@link KeyValueStore.open} or `Actor.openKeyValueStore()`. Keys are 1 to 256 characters of
 * `a-zA-Z0-9!-_.'()`. Every write is atomic; where the data lies is decided by the configuration.
 *
 * @example
 * ```ts
 * import { KeyValueStore } from '@kv/sdk';
 *
 * const store = await KeyValueStore.open({ name: 'pictures' });
 * await store.setValue('dot', new Uint8Array([137, 80]), { contentType: 'image/png' });
 * for await (const [key, { size }] of store.iterateKeys({ prefix: 'd' })) console.log(key, size);
 * ```
 */
export class KeyValueStore implements AsyncDisposable {
  /** Id of the store; never changes. */
  readonly id: string;
  /** Name of the store; `undefined` when it has none. */
  readonly name: string | undefined;

  readonly #backend: KeyValueStoreBackend;
  readonly #context: StoreContext;
  readonly #queue: KeyQueue = new KeyQueue();
  readonly #autoSaved: AutoSavedValues;

  private constructor(context: StoreContext) {
    if (!(context instanceof StoreContext)) {
      throw new TypeError(
        'A KeyValueStore is not made with new. Use KeyValueStore.open() or Actor.openKeyValueStore().',
      );
    }
    this.#context = context;
    this.#backend = watchLoss(context.backend, () => context.forget());
    this.id = context.info.id;
    this.name = context.info.name;
    this.#autoSaved = new AutoSavedValues(this.#backend, this.#label, this.#queue);
  }

  /**
   * Opens a key-value store: the default one, or one given by id, name or alias.
   *
   * A string is an id if a store has it, else a name. A store given by name or alias is created when it does not exist. Two
   * opens of a store give the same object. The first open of a program decides where data lies, says so in one line, and purges
   * the default and alias storages unless `KV_PURGE_ON_START=0`. A backend that is passed in for one store is not purged.
   *
   * @throws {@link KvError} `KV_STORAGE_NOT_FOUND` when no store has the id; `KV_NAME_INVALID`; `KV_BACKEND_NOT_INSTALLED`;
   * `KV_ACCESS_DENIED`, `KV_STORAGE_FULL` and other states of the place.
   */
  static async open(identifier?: StorageIdentifier | null, options: OpenStorageOptions = {}): Promise<KeyValueStore> {
    const manager = storageManagerOf(options.config ?? Configuration.getGlobalConfig());
    return manager.openKeyValueStore(identifier, options, (context) => new KeyValueStore(context));
  }

  /**
   * Reads a value of the default store; see the method of an open store.
   *
   * @throws {@link KvError} what {@link KeyValueStore.open} and the method of an open store raise.
   */
  static async getValue<T = unknown>(key: string, defaultValue?: T): Promise<T | null> {
    const store = await KeyValueStore.open();
    return store.getValue<T>(key, defaultValue as T);
  }

  /**
   * Stores a value in the default store; see the method of an open store.
   *
   * @throws {@link KvError} what {@link KeyValueStore.open} and the method of an open store raise.
   */
  static async setValue(key: string, value: unknown, options: SetValueOptions = {}): Promise<void> {
    const write = KeyValueStore.open().then((store) => store.setValue(key, value, options));
    return storageManagerOf(Configuration.getGlobalConfig()).writes.track(write);
  }

  /**
   * Tells whether the default store has a record; see the method of an open store.
   *
   * @throws {@link KvError} what {@link KeyValueStore.open} and the method of an open store raise.
   */
  static async recordExists(key: string): Promise<boolean> {
    const store = await KeyValueStore.open();
    return store.recordExists(key);
  }

  /**
   * Reads a value: JSON is parsed, text is a string, everything else is a `Buffer`.
   *
   * When there is no record, it is the default value, or `null`. A stored JSON `null` is a value.
   *
   * @throws {@link KvError} `KV_KEY_INVALID`; `KV_RECORD_CORRUPT` when a JSON record is not JSON, naming file, line and column.
   */
  async getValue<T = unknown>(key: string): Promise<T | null>;
  /** As above, with a default value in place of `null`. */
  async getValue<T = unknown>(key: string, defaultValue: T): Promise<T>;
  async getValue<T = unknown>(key: string, defaultValue?: T): Promise<T | null> {
    const record = await this.#backend.getRecord(key);
    return record === undefined ? (defaultValue ?? null) : (decodeValue(record, this.#label) as T);
  }

  /**
   * Stores a value, replacing the record of the key; `null` deletes it.
   *
   * Strings are stored as text, bytes and streams as they are, everything else as JSON. Streams are never held in memory. Writes
   * of one key happen in the order of the calls, awaited or not. The object of an auto-saved key takes the new content over.
   *
   * @throws `TypeError` when the value is `undefined`, a function or a symbol, or does not fit the content type.
   * @throws {@link KvError} `KV_KEY_INVALID`; `KV_VALUE_INVALID`, naming the path to what JSON cannot express;
   * `KV_CONTENT_TYPE_INVALID`; `KV_STORAGE_FULL`, `KV_ACCESS_DENIED`: the old record stays.
   * @throws `TimeoutError`, a `DOMException`, when the time is over: the old record stays.
   */
  async setValue(key: string, value: unknown, options: SetValueOptions = {}): Promise<void> {
    const { contentType, timeoutSecs } = options;
    assertRecordKey(key);
    const signal = timeoutSecs === undefined ? undefined : AbortSignal.timeout(timerMillis(timeoutSecs));
    const encoded = encodeValue(value, { contentType });
    const write = this.#queue.run(key, async () => {
      if (encoded === null) await this.#backend.deleteRecord(key, { signal });
      else await this.#backend.setRecord({ key, ...encoded }, { signal });
      this.#autoSaved.replace(key, encoded);
    });
    return this.#context.writes.track(write);
  }

  /**
   * Changes a value in one step: reads it, has the function make the new one, and stores that unless somebody else has written
   * the record meanwhile; then it starts over, up to 50 times with growing waits. So no change of anybody is lost.
   *
   * The function gets `undefined` when there is no record. What it returns is stored as with {@link KeyValueStore.setValue}:
   * `null` deletes the record, and a value that is what is stored is not written again. It may be asynchronous, and may be
   * called several times. Writes of one key happen in the order of the calls, so one of its own key inside of it is an error.
   * The object of an auto-saved key is saved before, and takes the new content over.
   *
   * @returns what the function has returned, once it is stored.
   *
   * @throws `TypeError` and {@link KvError} as {@link KeyValueStore.getValue} and {@link KeyValueStore.setValue} do, or whatever
   * the function throws: the record stays as it was.
   * @throws {@link KvError} `KV_NOT_SUPPORTED` when the backend has no conditional writes; `KV_PRECONDITION_FAILED` when others
   * were faster each time.
   *
   * @example
   * ```ts
   * import { KeyValueStore } from '@kv/sdk';
   * import { createBackend } from '@kv/memory';
   *
   * const store = await KeyValueStore.open('counters', { backend: createBackend() });
   * console.log(await store.update<number>('visits', (visits = 0) => visits + 1)); // 1
   * ```
   */
  async update<T = unknown>(key: string, change: ChangeValue<T>, options: UpdateOptions = {}): Promise<T | null> {
    assertRecordKey(key);
    if (typeof change !== 'function') throw new TypeError('An update takes a function that makes the new value.');
    this.#require('conditionalWrites');
    const update = this.#queue.run(key, async () => {
      await this.#autoSaved.flush(key);
      const record = { backend: this.#backend, key, storeName: this.#label };
      const { value, encoded } = await updateValue(record, change, options);
      this.#autoSaved.replace(key, encoded);
      return value;
    });
    return this.#context.writes.track(update);
  }

  /**
   * Reads a record as it is stored, without parsing it; `null` when there is none.
   *
   * @throws {@link KvError} `KV_KEY_INVALID`.
   */
  async getRecord(key: string): Promise<KeyValueStoreRecord | null> {
    return (await this.#backend.getRecord(key)) ?? null;
  }

  /**
   * Opens a record's value as a stream, with constant memory; `null` when there is none. Read it to the end, or cancel it.
   *
   * @throws {@link KvError} `KV_KEY_INVALID`.
   */
  async getStream(key: string): Promise<ReadableStream<Uint8Array> | null> {
    return (await this.#backend.getRecordStream(key))?.stream ?? null;
  }

  /**
   * Tells whether there is a record, be it one that holds nothing.
   *
   * @throws {@link KvError} `KV_KEY_INVALID`.
   */
  async recordExists(key: string): Promise<boolean> {
    return (await this.#backend.getRecordInfo(key)) !== undefined;
  }

  /**
   * Deletes a record; deleting one that does not exist does nothing.
   *
   * @throws {@link KvError} `KV_KEY_INVALID`.
   */
  async deleteValue(key: string): Promise<void> {
    return this.setValue(key, null);
  }

  /**
   * Walks through `[key, { size }]` in ascending order of the keys.
   *
   * @throws `RangeError` when the limit is not legal.
   * @throws {@link KvError} `KV_KEY_INVALID` when prefix or cursor is not legal.
   */
  async *iterateKeys(options: IterateKeysOptions = {}): AsyncGenerator<[string, KeyDetails], void, undefined> {
    for await (const { key, size } of iterateKeys(this.#backend, options)) yield [key, { size }];
  }

  /**
   * Calls a function with every key in ascending order, its index and `{ size }`, and waits for it each time.
   *
   * @throws `RangeError` when the limit is not legal.
   * @throws {@link KvError} `KV_KEY_INVALID` when prefix or cursor is not legal; whatever the function throws.
   */
  async forEachKey(
    iteratee: (key: string, index: number, details: KeyDetails) => unknown,
    options: IterateKeysOptions = {},
  ): Promise<void> {
    let index = 0;
    for await (const [key, details] of this.iterateKeys(options)) await iteratee(key, index++, details);
  }

  /**
   * Gives the keys, ascending: one by one with `for await`, or all in an array with `await`.
   *
   * @throws `RangeError` when the limit is not legal.
   * @throws {@link KvError} `KV_KEY_INVALID` when prefix or cursor is not legal.
   */
  keys(options: IterateKeysOptions = {}): DualIterable<string> {
    return dualIterable(
      () => this.iterateKeys(options),
      ([key]) => key,
    );
  }

  /**
   * Gives the values in the order of their keys: one by one with `for await`, or all in an array with `await`.
   *
   * @throws `RangeError` when the limit is not legal.
   * @throws {@link KvError} `KV_KEY_INVALID` when prefix or cursor is not legal; `KV_RECORD_CORRUPT` at a value that cannot be read.
   */
  values<T = unknown>(options: IterateKeysOptions = {}): DualIterable<T> {
    return dualIterable(
      () => this.#readAll(options),
      ([, value]) => value as T,
    );
  }

  /**
   * Gives `[key, value]` in the order of the keys: one by one with `for await`, or all in an array with `await`.
   *
   * @throws `RangeError` when the limit is not legal.
   * @throws {@link KvError} `KV_KEY_INVALID` when prefix or cursor is not legal; `KV_RECORD_CORRUPT` at a value that cannot be read.
   */
  entries<T = unknown>(options: IterateKeysOptions = {}): DualIterable<[string, T]> {
    return dualIterable(
      () => this.#readAll(options),
      ([key, value]) => [key, value as T],
    );
  }

  /** Iterates over `[key, value]` of the whole store. */
  [Symbol.asyncIterator](): AsyncIterator<[string, unknown]> {
    return this.entries()[Symbol.asyncIterator]();
  }

  /**
   * Gives a URL under which the record can be read, a `file:` URL for a local directory; `undefined` when there is no record.
   *
   * @throws {@link KvError} `KV_KEY_INVALID`; `KV_NOT_SUPPORTED` when the backend has no URLs.
   */
  async getPublicUrl(key: string): Promise<string | undefined> {
    this.#require('publicUrls');
    return this.#backend.getPublicUrl(key);
  }

  /**
   * Gives the object of a record that is saved by itself: on the event `persistState`, every minute, on exit and on signals.
   *
   * It is the stored object or array, or else the default value; every call for the key gives the same one. Change it in place.
   * What has not changed is not written again.
   *
   * @throws `TypeError` when the default value, or what is stored, is not a plain object or an array.
   * @throws {@link KvError} `KV_KEY_INVALID`; `KV_RECORD_CORRUPT` when what is stored is not JSON.
   */
  async getAutoSavedValue<T extends object>(key: string, defaultValue: T = {} as T): Promise<T> {
    if (!isTrackable(defaultValue))
      throw new TypeError('The default of an auto-saved value must be a plain object or an array.');
    this.#context.startPersisting();
    return (await this.#autoSaved.get(key, defaultValue)) as T;
  }

  /**
   * Reads what is known of the store: name, times, access.
   *
   * @throws {@link KvError} `KV_STORAGE_NOT_FOUND` when the store is gone.
   */
  async getInfo(): Promise<KeyValueStoreInfo> {
    return this.#backend.getInfo();
  }

  /**
   * Removes the store's records, all but the input; with `dryRun` it removes nothing, and gives the keys that it would remove.
   *
   * @throws {@link KvError} `KV_STORAGE_NOT_FOUND` when the store is gone; `KV_STORAGE_IN_USE` where the backend knows that
   * another run is using the store.
   */
  async purge({ dryRun = false }: PurgeStoreOptions = {}): Promise<PurgeResult> {
    const purge = async (): Promise<PurgeResult> => {
      await this.#queue.settle();
      return this.#backend.purge({ keepKeys: [this.#context.inputKey], dryRun });
    };
    return dryRun ? purge() : this.#autoSaved.removeWith(purge);
  }

  /**
   * Removes the store with all its records, for good. What is done with it afterwards raises `KV_STORAGE_NOT_FOUND`.
   *
   * Unlike a purge, it does not ask whether another run is using the store, be it the default one.
   *
   * @throws {@link KvError} `KV_STORAGE_NOT_FOUND` when the store is gone already.
   */
  async drop(): Promise<void> {
    await this.#autoSaved.removeWith(async () => {
      await this.#queue.settle();
      await this.#backend.drop();
    });
    this.#context.forget();
  }

  /**
   * Waits for the writes that are under way and saves the auto-saved values, for `await using`.
   *
   * The store stays open for whoever else uses it: all opens of a store give the same object.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#autoSaved.save();
    await this.#queue.settle();
  }

  /** Saves the auto-saved values that have changed. @internal */
  async saveState(): Promise<void> {
    await this.#autoSaved.save();
  }

  async *#readAll(options: IterateKeysOptions): AsyncGenerator<[string, unknown]> {
    for await (const { key } of iterateKeys(this.#backend, options)) {
      const record = await this.#backend.getRecord(key);
      // Deleted since it was listed.
      if (record) yield [key, decodeValue(record, this.#label)];
    }
  }

  #require(capability: keyof StorageCapabilities): void {
    const { storage } = this.#context;
    if (storage.capabilities[capability]) return;
    throw new KvError(
      'KV_NOT_SUPPORTED',
      `The backend ${storage.name} has no ${capability}. Use another backend for this.`,
      {
        details: { backend: storage.name, capability },
      },
    );
  }

  get #label(): string {
    return this.name ?? this.#context.info.alias ?? this.id;
  }
}
