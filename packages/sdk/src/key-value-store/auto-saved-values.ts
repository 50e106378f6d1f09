import { decodeValue, encodeValue } from '@kv/core';
import type { EncodedValue, KeyValueStoreBackend } from '@kv/core';
import { log, messageOf } from '../log.js';
import type { KeyQueue } from './key-queue.js';

interface TrackedValue {
  /** The live object that the program works on. */
  readonly value: object;
  /** Content type that it is stored under; by default that of JSON. */
  readonly contentType: string | undefined;
  /** Its bytes as they were stored last; `undefined` before the first time. */
  saved: Uint8Array | undefined;
}

/** A removal of the records that is under way. */
interface Removal {
  /** Keys of the objects that go with them. */
  readonly keys: Set<string>;
  readonly isOver: Promise<unknown>;
}

/** Keeps the objects of a store that are saved by themselves. */
export class AutoSavedValues {
  readonly #backend: KeyValueStoreBackend;
  readonly #storeName: string;
  readonly #queue: KeyQueue;
  readonly #tracked = new Map<string, TrackedValue>();
  readonly #removals = new Set<Removal>();

  constructor(backend: KeyValueStoreBackend, storeName: string, queue: KeyQueue) {
    this.#backend = backend;
    this.#storeName = storeName;
    this.#queue = queue;
  }

  /** Gives the live object of a key: the stored one, or else the default. The same object every time. */
  async get(key: string, defaultValue: object): Promise<object> {
    // Behind the writes of the key, so that what is being replaced is not taken for the state.
    return this.#queue.run(key, async () => {
      const tracked = this.#tracked.get(key) ?? (await this.#load(key, defaultValue));
      this.#tracked.set(key, tracked);
      this.#keep(key, tracked);
      return tracked.value;
    });
  }

  /**
   * Tells the live object that the record was set to something else.
   *
   * An object of the same kind takes its content over; after anything else, the key is not tracked any more.
   */
  replace(key: string, encoded: EncodedValue | null): void {
    const tracked = this.#tracked.get(key);
    if (!tracked) return;
    // What was stored, as the next run would read it: nothing of it is shared with the caller.
    const value = encoded?.value instanceof Uint8Array ? decode(key, encoded.value, encoded.contentType) : undefined;
    if (!encoded || !isTrackable(value) || Array.isArray(value) !== Array.isArray(tracked.value)) {
      this.#tracked.delete(key);
      return;
    }
    overwrite(tracked.value, value);
    const { contentType } = encoded;
    this.#tracked.set(key, { value: tracked.value, contentType, saved: encode({ ...tracked, contentType }) });
  }

  /** Saves the objects that have changed since they were saved last. A failure is logged: the next save tries again. */
  async save(): Promise<void> {
    // What is to be removed must not be written behind the removal.
    while (this.#removals.size > 0) await Promise.all([...this.#removals].map(({ isOver }) => isOver));
    await Promise.all([...this.#tracked.keys()].map((key) => this.#queue.run(key, () => this.#saveOne(key))));
  }

  /** Saves the object of a key when it has changed, in the turn of whoever calls; what fails is thrown. */
  async flush(key: string): Promise<void> {
    const tracked = this.#tracked.get(key);
    if (!tracked) return;
    const encoded = encodeValue(tracked.value, { contentType: tracked.contentType });
    const bytes = encoded?.value;
    if (!encoded || !(bytes instanceof Uint8Array) || isEqual(bytes, tracked.saved)) return;
    await this.#backend.setRecord({ key, value: bytes, contentType: encoded.contentType });
    tracked.saved = bytes;
  }

  /** Removes all records; when that is done, the objects are forgotten, and what they hold afterwards is not saved. */
  async removeWith<T>(remove: () => Promise<T>): Promise<T> {
    const removed = remove();
    const isOver = removed.then(ignore, ignore);
    const removal = { keys: new Set(this.#tracked.keys()), isOver };
    this.#removals.add(removal);
    try {
      const result = await removed;
      for (const key of removal.keys) this.#tracked.delete(key);
      return result;
    } finally {
      this.#removals.delete(removal);
    }
  }

  /** An object that is asked for during a removal is that of a new record. */
  #keep(key: string, tracked: TrackedValue): void {
    for (const { keys } of this.#removals) if (keys.delete(key)) tracked.saved = undefined;
  }

  async #load(key: string, defaultValue: object): Promise<TrackedValue> {
    const record = await this.#backend.getRecord(key);
    if (record === undefined) return { value: defaultValue, contentType: undefined, saved: undefined };
    const value = decodeValue(record, this.#storeName);
    if (!isTrackable(value)) {
      throw new TypeError(
        `The record ${JSON.stringify(key)} of the key-value store ${JSON.stringify(this.#storeName)} cannot be saved automatically: ` +
          'only objects and arrays can. Choose another key, or read it with getValue().',
      );
    }
    const { contentType } = record;
    // However the record is formatted: what is equal is not written again.
    return { value, contentType, saved: encode({ value, contentType }) };
  }

  async #saveOne(key: string): Promise<void> {
    try {
      await this.flush(key);
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

/** Whoever has asked for it hears of it. */
function ignore(): void {}

function encode({ value, contentType }: Pick<TrackedValue, 'value' | 'contentType'>): Uint8Array | undefined {
  const bytes = encodeValue(value, { contentType })?.value;
  return bytes instanceof Uint8Array ? bytes : undefined;
}

function decode(key: string, value: Uint8Array, contentType: string): unknown {
  try {
    return decodeValue({ key, value, contentType });
  } catch {
    // The program stored a text that is not JSON as JSON.
    return undefined;
  }
}

function overwrite(target: object, source: object): void {
  if (Array.isArray(target)) target.length = 0;
  for (const property of Object.keys(target)) delete (target as Record<string, unknown>)[property];
  Object.assign(target, source);
}

function isEqual(one: Uint8Array, other: Uint8Array | undefined): boolean {
  return other !== undefined && Buffer.compare(one, other) === 0;
}
