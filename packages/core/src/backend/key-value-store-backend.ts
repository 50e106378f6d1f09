import type { ContentEncoding } from '../codec/content-encoding.js';
import type { OperationOptions } from './operation-options.js';
import type { ListKeysOptions, ListKeysPage } from './list-keys.js';
import type { PurgeOptions, PurgeResult } from './storage-backend.js';
import type { WriteOptions } from './write-options.js';

/**
 * Stores the records of one key-value store: bytes under a key, each with a content type.
 *
 * Keys follow the rules of {@link assertRecordKey}. Absence is `undefined`, never an exception. When the store itself
 * is gone, every method raises `KV_STORAGE_NOT_FOUND`.
 */
export interface KeyValueStoreBackend {
  /** The store's id; never changes. */
  readonly id: string;

  /** Reads what is known of the store, from the place itself and never from memory. */
  getInfo(options?: OperationOptions): Promise<KeyValueStoreInfo>;

  /**
   * Changes the store's name, title or access. A property that is not given stays as it is; `null` removes it.
   *
   * A new name makes an unnamed store a named one: it is not purged any more. The open store keeps working.
   *
   * @throws {@link KvError} `KV_NAME_TAKEN` when another store has the name; `KV_NAME_INVALID`.
   */
  update(changes: KeyValueStoreChanges, options?: OperationOptions): Promise<KeyValueStoreInfo>;

  /**
   * Removes the store with all its records, for good. Unlike a purge, it does not ask whether another run is using the store. Other
   * open handles of it raise `KV_STORAGE_NOT_FOUND` from then on.
   *
   * @throws {@link KvError} `KV_STORAGE_NOT_FOUND` when it is gone already.
   */
  drop(options?: OperationOptions): Promise<void>;

  /**
   * Removes the store's records, all but `INPUT` and those that `keepKeys` names, under every file extension and in every case.
   *
   * @throws {@link KvError} `KV_STORAGE_NOT_FOUND`; `KV_STORAGE_IN_USE` where the backend knows that another run is using the
   * store, and the store lives for one run.
   */
  purge(options?: PurgeOptions): Promise<PurgeResult>;

  /**
   * Reads a record into memory; `undefined` when there is none.
   *
   * Value and content type belong to the same write. The bytes are the caller's own to change.
   *
   * @throws {@link KvError} `KV_KEY_INVALID`; `KV_RECORD_CORRUPT` when what describes the record is damaged.
   */
  getRecord(key: string, options?: OperationOptions): Promise<KeyValueStoreRecord | undefined>;

  /**
   * Opens a record for streaming, with constant memory; `undefined` when there is none.
   *
   * The stream gives the value as it was when it was opened, whatever is written meanwhile. Read it to the end or cancel
   * it: until then it holds a file or a connection.
   */
  getRecordStream(key: string, options?: OperationOptions): Promise<KeyValueStoreRecordStream | undefined>;

  /**
   * Reads a record with all that is known of it, to pass it on; `undefined` when there is none.
   *
   * A value of up to {@link SMALL_VALUE_BYTES} comes as bytes, as by {@link KeyValueStoreBackend.getRecord}; a larger one as a
   * stream, as by {@link KeyValueStoreBackend.getRecordStream}. What this gives can be stored with
   * {@link KeyValueStoreBackend.setRecord}.
   *
   * @throws {@link KvError} `KV_KEY_INVALID`; `KV_RECORD_CORRUPT` when what describes the record is damaged.
   */
  getRecordBody(key: string, options?: OperationOptions): Promise<KeyValueStoreRecordBody | undefined>;

  /** Reads what is known of a record without its value; `undefined` when there is none. */
  getRecordInfo(key: string, options?: OperationOptions): Promise<RecordInfo | undefined>;

  /**
   * Stores a record, replacing any record with the same key.
   *
   * Atomic: a reader sees the old record or the new one, never a mixture of values or types. When a stream fails or the
   * signal fires, the old record stays. A stream that is not used is cancelled.
   *
   * @throws `TypeError` when a property has the wrong type.
   * @throws {@link KvError} `KV_KEY_INVALID`, `KV_CONTENT_TYPE_INVALID`, `KV_STORAGE_NOT_FOUND`, and states of the place such as
   * `KV_STORAGE_FULL`; whatever the stream fails with; with a condition, `KV_PRECONDITION_FAILED`, or `KV_NOT_SUPPORTED` without
   * the capability `conditionalWrites`.
   */
  setRecord(record: SetRecord, options?: WriteOptions): Promise<void>;

  /**
   * Removes a record; removing one that does not exist does nothing.
   *
   * @throws {@link KvError} `KV_KEY_INVALID`, `KV_STORAGE_NOT_FOUND`; with a condition as in {@link KeyValueStoreBackend.setRecord}.
   */
  deleteRecord(key: string, options?: WriteOptions): Promise<void>;

  /**
   * Lists keys in ascending order of their UTF-8 bytes, a page at a time.
   *
   * The cursor means "strictly greater than" and need not be a key that exists. A key that is neither added nor removed
   * meanwhile is listed exactly once by a walk through the pages.
   *
   * @throws `TypeError` or `RangeError` when an option is not legal.
   * @throws {@link KvError} `KV_KEY_INVALID`, `KV_STORAGE_NOT_FOUND`.
   */
  listKeys(options?: ListKeysOptions): Promise<ListKeysPage>;

  /**
   * Gives a URL under which the record's bytes can be read; `undefined` when there is no such record.
   *
   * @throws {@link KvError} `KV_NOT_SUPPORTED` without the capability `publicUrls`.
   */
  getPublicUrl(key: string, options?: OperationOptions): Promise<string | undefined>;
}

/** What is known of a key-value store. */
export interface KeyValueStoreInfo {
  /** The store's id. */
  readonly id: string;
  /** The store's name; absent when it is unnamed. */
  readonly name?: string;
  /** The alias that the run knows an unnamed store by. */
  readonly alias?: string;
  /** A title for people. */
  readonly title?: string;
  /** Who may read the store without a token, in Apify's words, such as `RESTRICTED`. */
  readonly generalAccess?: string;
  /** When the store was created. */
  readonly createdAt: Date;
  /** When a record or the store's metadata changed last. */
  readonly modifiedAt: Date;
  /** When the store was used last; may lag behind, because reads never write. */
  readonly accessedAt: Date;
}

/** Changes of a key-value store's metadata. */
export interface KeyValueStoreChanges {
  /** New name; it must not belong to another store. */
  readonly name?: string;
  /** New title, or `null` for none. */
  readonly title?: string | null;
  /** New access, or `null` for the default. */
  readonly generalAccess?: string | null;
}

/**
 * Values up to this size, in bytes, are small: to make a stream of them would cost more than to hold them in memory.
 */
export const SMALL_VALUE_BYTES: number = 64 * 1024;

/** The value of a record: bytes in memory, or a stream of bytes. */
export type RecordBody = Uint8Array | ReadableStream<Uint8Array>;

/** A record to be stored. */
export interface SetRecord {
  /** The record's key. */
  readonly key: string;
  /** Its value. Bytes are not kept by reference: the caller may change them once the promise has settled. */
  readonly value: RecordBody;
  /** Its content type, stored to the letter. */
  readonly contentType: string;
  /**
   * The coding in which the value came and is best sent on, for whoever serves it over HTTP. The value itself is plain, here and
   * everywhere, so a backend that has no place for this hint leaves it out. Another write of the key replaces or removes it.
   */
  readonly contentEncoding?: ContentEncoding | undefined;
}

/** A record in memory. */
export interface KeyValueStoreRecord {
  /** The record's key. */
  readonly key: string;
  /** Its bytes. */
  readonly value: Uint8Array;
  /** Its content type, as it was stored. */
  readonly contentType: string;
  /** Where the bytes lie, for people: a file, a URL. */
  readonly location?: string;
}

/** What is known of a record without its value. */
export interface RecordInfo {
  /** The record's key. */
  readonly key: string;
  /** Its content type, as it was stored. */
  readonly contentType: string;
  /** Size of its value in bytes. */
  readonly size: number;
  /** Opaque version: two equal etags of a key mean equal bytes and equal content type. */
  readonly etag: string;
  /** When the record was written last. */
  readonly modifiedAt: Date;
  /** The coding in which the value came, where the backend keeps that: see {@link SetRecord.contentEncoding}. The value is plain. */
  readonly contentEncoding?: ContentEncoding | undefined;
}

/** A record with all that is known of it, whose value is in memory if it is small, and otherwise a stream. */
export interface KeyValueStoreRecordBody extends RecordInfo {
  /** The value: bytes up to {@link SMALL_VALUE_BYTES}, otherwise a stream. */
  readonly value: RecordBody;
}

/** A record whose value is read as a stream. */
export interface KeyValueStoreRecordStream extends RecordInfo {
  /** The value. */
  readonly stream: ReadableStream<Uint8Array>;
}
