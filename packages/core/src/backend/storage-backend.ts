import type { StorageRef } from '../keys/storage-ref.js';
import type { ContractVersion } from './contract-version.js';
import type { KeyValueStoreBackend, KeyValueStoreInfo } from './key-value-store-backend.js';
import type { OperationOptions } from './operation-options.js';
import type { StorageCapabilities } from './storage-capabilities.js';

/**
 * Opens, finds, lists and purges the storages of one place: a directory, a server, a database.
 *
 * A backend moves bytes and content types; it never serialises or parses a value. It validates keys and names by the
 * rules of this package, so that what passes on one backend passes on all.
 */
export interface StorageBackend extends AsyncDisposable {
  /** The version of the contract that the backend was built for: the number itself, not a copy of `CONTRACT_VERSION`. */
  readonly contractVersion: ContractVersion;
  /** Short name for logs and errors, such as `fs`. */
  readonly name: string;
  /** Where the data lies, for people: an absolute path, a URL without secrets. */
  readonly location: string;
  /** What the backend can do beyond the plain contract. */
  readonly capabilities: StorageCapabilities;

  /**
   * Opens a key-value store; one that is given by name, alias or as the default is created when it does not exist.
   *
   * Opening reads no record, so it takes the same time whatever the size of the store. Of many that open the same new
   * name at once, one creates it and all get the same store.
   *
   * @throws `TypeError` when the reference is not of one form.
   * @throws {@link KvError} `KV_STORAGE_NOT_FOUND` when no store has the id; `KV_NAME_INVALID`; `KV_BACKEND_CLOSED`.
   */
  openKeyValueStore(ref: StorageRef, options?: OperationOptions): Promise<KeyValueStoreBackend>;

  /**
   * Looks up a key-value store without creating it; `undefined` when it does not exist.
   *
   * @throws `TypeError` when the reference is not of one form.
   */
  findKeyValueStore(ref: StorageRef, options?: OperationOptions): Promise<KeyValueStoreInfo | undefined>;

  /** Lists all key-value stores, by creation time and then by id. */
  listKeyValueStores(options?: OperationOptions): Promise<readonly KeyValueStoreInfo[]>;

  /**
   * Empties the default storage and those opened by alias; named storages are never touched.
   *
   * What {@link PurgeOptions.keepKeys} names stays, and so do the storages themselves with their ids.
   *
   * @throws {@link KvError} `KV_NOT_SUPPORTED` without the capability `purge`; `KV_STORAGE_IN_USE` where the backend knows that
   * another run is using them.
   */
  purge(options?: PurgeOptions): Promise<readonly PurgeResult[]>;

  /** Releases what the backend holds; a second call does nothing. Later operations raise `KV_BACKEND_CLOSED`. */
  close(): Promise<void>;
}

/** Options of a purge. */
export interface PurgeOptions extends OperationOptions {
  /** Keys whose records stay, besides `INPUT`, which always stays: each with any extension and in any case. */
  readonly keepKeys?: readonly string[] | undefined;
  /**
   * Removes nothing, and says what a purge would remove.
   *
   * @defaultValue false
   */
  readonly dryRun?: boolean | undefined;
}

/** Tells what a purge did to one storage. */
export interface PurgeResult {
  /** Id of the storage. */
  readonly id: string;
  /** What people call the storage: its name or alias, or `default`. */
  readonly label: string;
  /** How many records were removed, or would be. */
  readonly removed: number;
  /** How many records were kept. */
  readonly kept: number;
  /** The keys that would be removed, ascending; given for a dry run only. */
  readonly removedKeys?: readonly string[];
}

/**
 * What the SDK hands to a backend when it loads one by its package name; each backend takes what concerns it.
 */
export interface BackendOptions {
  /** Directory for local data. */
  readonly dir?: string | undefined;
  /** API token. */
  readonly token?: string | undefined;
  /** Where the token comes from, for errors: the name of an environment variable. */
  readonly tokenSource?: string | undefined;
  /** Base URL of the storage API, for calls. */
  readonly apiBaseUrl?: string | undefined;
  /** Base URL of the storage API as the world sees it, for links. */
  readonly apiPublicBaseUrl?: string | undefined;
  /** Id of the default key-value store. */
  readonly defaultKeyValueStoreId?: string | undefined;
}

/** What every backend package exports under the name `createBackend`. */
export type CreateBackend = (options?: BackendOptions) => StorageBackend | Promise<StorageBackend>;
