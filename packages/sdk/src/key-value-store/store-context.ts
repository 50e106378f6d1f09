import type { KeyValueStoreBackend, KeyValueStoreInfo, StorageBackend } from '@kv/core';

/** What an open store needs of the manager that opened it. Users cannot make one, so they cannot make a store either. */
export class StoreContext {
  readonly backend: KeyValueStoreBackend;
  /** The backend that the store is in. */
  readonly storage: StorageBackend;
  readonly info: KeyValueStoreInfo;
  /** Key of the record that a purge keeps. */
  readonly inputKey: string;
  /** Remembers a write that is under way, so that the exit waits for it. */
  readonly track: <T>(write: Promise<T>) => Promise<T>;
  /** Starts the timer that saves state. */
  readonly startPersisting: () => void;
  /** Makes the next open give a new object. */
  readonly forget: () => void;

  constructor(parts: { [Part in keyof StoreContext]: StoreContext[Part] }) {
    this.backend = parts.backend;
    this.storage = parts.storage;
    this.info = parts.info;
    this.inputKey = parts.inputKey;
    this.track = parts.track;
    this.startPersisting = parts.startPersisting;
    this.forget = parts.forget;
  }
}
