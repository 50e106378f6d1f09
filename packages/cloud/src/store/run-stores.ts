import type { KeyValueStoreInfo, OperationOptions } from '@kv/core';

/** The word for the default store; an alias of that name means the same. */
export const DEFAULT_STORE = 'default';

/** The stores of a run that have no name to their users: those of aliases, and the default one where it has no id. The API knows no aliases. */
export interface RunStores {
  /** Opens the store of an alias; it is created when it does not exist. */
  open(alias: string, options?: OperationOptions): Promise<KeyValueStoreInfo>;
  /** Looks such a store up; `undefined` when it does not exist. */
  find(alias: string, options?: OperationOptions): Promise<KeyValueStoreInfo | undefined>;
  /** Tells of a store what its users know of it: its alias, and no name that is not theirs. */
  toUsers(info: KeyValueStoreInfo): KeyValueStoreInfo;
}

/** What they ask of the API. */
export interface RunStoresApi {
  /** Opens the store of a name or creates it; without a name, creates an unnamed one. */
  readonly create: (name: string | undefined, options?: OperationOptions) => Promise<KeyValueStoreInfo>;
  /** Removes a store. */
  readonly drop: (id: string, options?: OperationOptions) => Promise<unknown>;
  /** Looks a store up by its id, or by `~` and its name. */
  readonly find: (address: string, options?: OperationOptions) => Promise<KeyValueStoreInfo | undefined>;
}
