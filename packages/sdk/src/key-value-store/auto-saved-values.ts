import { decodeValue, encodeValue } from '@kv/core';
import type { KeyValueStoreBackend } from '@kv/core';
import { log, messageOf } from '../log.js';

interface TrackedValue {
  /** The live object that the program works on. */
  readonly value: object;
  /** Its bytes as they were stored last; `undefined` before the first time. */
  saved: Uint8Array | undefined;
}

/**
 * Keeps the objects of a store that are saved by themselves.
 *
 * All writes of a tracked key go one after the other, so that a save that is under way cannot undo a later `setValue`.
 */
export class AutoSavedValues {
  readonly #backend: KeyValueStoreBackend;
  readonly #storeName: string;
  readonly #tracked = new Map<string, TrackedValue>();
  readonly #loading = new Map<string, Promise<TrackedValue>>();
  readonly #writes = new Map<string, Promise<unknown>>();

  constructor(backend: KeyValueStoreBackend, storeName: string) {
    this.#backend = backend;
    this.#storeName = storeName;
  }

  /** Gives the live object of a key: the stored one, or else the default. The same object every time. */
  async get(key: string, defaultValue: object): Promise<object> {
    const known = this.#tracked.get(key);
    if (known) return known.value;
    const loading = this.#loading.get(key) ?? this.#load(key, defaultValue).finally(() => this.#loading.delete(key));
    this.#loading.set(key, loading);
    return (await loading).value;
  }

  /**
   * Tells the live object that the program sets the record to something else, before that is written.
   *
   * An object of the same kind takes its content over; after anything else, the key is not tracked any more.
   */
  replace(key: string, value: unknown): void {
    const tracked = this.#tracked.get(key);
    if (!tracked || tracked.value === value) return;
    if (isTrackable(value) && Array.isArray(value) === Array.isArray(tracked.value)) overwrite(tracked.value, value);
    else this.#tracked.delete(key);
  }

  /** Runs a write, after a save of the same key that may be under way. */
  async afterSave<T>(key: string, write: () => Promise<T>): Promise<T> {
    const previous = this.#writes.get(key);
    if (!previous) return write();
    const result = previous.then(write);
    this.#writes.set(
      key,
      result.catch(() => undefined),
    );
    return result;
  }

  /** Saves the objects that have changed since they were saved last. A failure is logged: the next save tries again. */
  async save(): Promise<void> {
    await Promise.all([...this.#tracked.keys()].map((key) => this.afterSave(key, () => this.#saveOne(key))));
  }

  /** Forgets all objects; what they hold afterwards is not saved. */
  clear(): void {
    this.#tracked.clear();
  }

  async #load(key: string, defaultValue: object): Promise<TrackedValue> {
    const record = await this.#backend.getRecord(key);
    const value = record === undefined ? defaultValue : decodeValue(record, this.#storeName);
    if (!isTrackable(value)) {
      throw new TypeError(
        `The record ${JSON.stringify(key)} of the key-value store ${JSON.stringify(this.#storeName)} cannot be saved automatically: ` +
          'only objects and arrays can. Choose another key, or read it with getValue().',
      );
    }
    const tracked = { value, saved: record?.value };
    this.#tracked.set(key, tracked);
    this.#writes.set(key, this.#writes.get(key) ?? Promise.resolve());
    return tracked;
  }

  async #saveOne(key: string): Promise<void> {
    const tracked = this.#tracked.get(key);
    if (!tracked) return;
    try {
      const encoded = encodeValue(tracked.value);
      const bytes = encoded?.value;
      if (!encoded || !(bytes instanceof Uint8Array) || isEqual(bytes, tracked.saved)) return;
      await this.#backend.setRecord({ key, value: bytes, contentType: encoded.contentType });
      tracked.saved = bytes;
    } catch (error) {
      log(
        `the state ${JSON.stringify(key)} of the key-value store ${this.#storeName} was not saved: ${messageOf(error)}`,
      );
    }
  }
}

/** Tells whether a value can be a live object: a plain object or an array. */
export function isTrackable(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return Array.isArray(value) || prototype === Object.prototype || prototype === null;
}

function overwrite(target: object, source: object): void {
  if (Array.isArray(target)) target.length = 0;
  for (const property of Object.keys(target)) delete (target as Record<string, unknown>)[property];
  Object.assign(target, source);
}

function isEqual(one: Uint8Array, other: Uint8Array | undefined): boolean {
  return other !== undefined && Buffer.compare(one, other) === 0;
}
