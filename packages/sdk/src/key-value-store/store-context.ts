import type { KeyValueStoreBackend, KeyValueStoreInfo, StorageBackend } from '@kv/core';
import type { PendingWrites } from '../state/pending-writes.js';

/** What an open store needs of the manager that opened it. Users cannot make one, so they cannot make a store either. */
export class StoreContext {
  readonly backend: KeyValueStoreBackend;
  /** The backend that the store is in. */
  readonly storage: StorageBackend;
  readonly info: KeyValueStoreInfo;
  /** Key of the record that a purge keeps. */
  readonly inputKey: string;
  /** Remembers the writes that are under way, so that the exit waits for them. */
  readonly writes: PendingWrites;
  /** Starts the timer that saves state. */
  readonly startPersisting: () => void;
  /** Makes the next open give a new object. */
  readonly forget: () => void;

  constructor(parts: Readonly<StoreContext>) {
    this.backend = parts.backend;
    this.storage = parts.storage;
    this.info = parts.info;
    this.inputKey = parts.inputKey;
    this.writes = parts.writes;
    this.startPersisting = parts.startPersisting;
    this.forget = parts.forget;
  }
}
