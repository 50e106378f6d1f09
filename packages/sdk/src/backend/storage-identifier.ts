import type { StorageBackend, StorageRef } from '@kv/core';
import type { Configuration } from '../configuration/configuration.js';

/**
 * Says which storage to open: an id or else a name as a string, or one of `{ id }`, `{ name }`, `{ alias }`. Nothing, an empty
 * string and `{}` mean the default storage.
 */
export type StorageIdentifier = string | StorageRef;

/** Options for opening a storage. */
export interface OpenStorageOptions {
  /** Opens the storage in the cloud, whatever the environment says; only `KV_BACKEND` is stronger. @defaultValue `false` */
  readonly forceCloud?: boolean | undefined;
  /** The configuration that decides. @defaultValue the global one */
  readonly config?: Configuration | undefined;
  /** The backend to open the storage in, stronger than any configuration. */
  readonly backend?: StorageBackend | undefined;
}
