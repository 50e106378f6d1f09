/** Options that say where an actor's data is and how it is treated. What is not given comes from the environment. */
export interface ConfigurationOptions {
  /** Directory for local data. Choosing it chooses the local directory as the backend, unless something stronger is set. */
  readonly storageDir?: string | undefined;
  /** Token of the storage API. Choosing it chooses the cloud, unless something stronger is set. */
  readonly token?: string | undefined;
  /** Base URL of the storage API. @defaultValue `https://api.apify.com` */
  readonly apiBaseUrl?: string | undefined;
  /** Base URL of the storage API in public links. @defaultValue {@link ConfigurationOptions.apiBaseUrl} */
  readonly apiPublicBaseUrl?: string | undefined;
  /** Backend to use: a package name, or `fs`, `memory`, `cloud` and so on for `@kv/fs`, `@kv/memory`, `@kv/cloud`. */
  readonly backend?: string | undefined;
  /** Whether the program runs on the Apify platform. @defaultValue `false` */
  readonly isAtHome?: boolean | undefined;
  /** Id of the default key-value store. @defaultValue `default` */
  readonly defaultKeyValueStoreId?: string | undefined;
  /** Key of the record that holds the input. @defaultValue `INPUT` */
  readonly inputKey?: string | undefined;
  /** Whether the default and the alias storages are emptied before their first use, all but the input. @defaultValue `true` */
  readonly purgeOnStart?: boolean | undefined;
  /** Whether local data outlives the process; `false` keeps it in memory, unless something stronger is set. @defaultValue `true` */
  readonly persistStorage?: boolean | undefined;
  /** Time between two `persistState` events, in milliseconds. @defaultValue `60000` */
  readonly persistStateIntervalMillis?: number | undefined;
}

/** The name of an option. */
export type ConfigurationOption = keyof ConfigurationOptions;

/** The options as they are in force: those that have a default are always there. */
export interface ConfigurationValues {
  /** See {@link ConfigurationOptions.storageDir}. */
  readonly storageDir: string | undefined;
  /** See {@link ConfigurationOptions.token}. */
  readonly token: string | undefined;
  /** See {@link ConfigurationOptions.apiBaseUrl}. */
  readonly apiBaseUrl: string;
  /** See {@link ConfigurationOptions.apiPublicBaseUrl}. */
  readonly apiPublicBaseUrl: string | undefined;
  /** See {@link ConfigurationOptions.backend}. */
  readonly backend: string | undefined;
  /** See {@link ConfigurationOptions.isAtHome}. */
  readonly isAtHome: boolean;
  /** See {@link ConfigurationOptions.defaultKeyValueStoreId}. */
  readonly defaultKeyValueStoreId: string;
  /** See {@link ConfigurationOptions.inputKey}. */
  readonly inputKey: string;
  /** See {@link ConfigurationOptions.purgeOnStart}. */
  readonly purgeOnStart: boolean;
  /** See {@link ConfigurationOptions.persistStorage}. */
  readonly persistStorage: boolean;
  /** See {@link ConfigurationOptions.persistStateIntervalMillis}. */
  readonly persistStateIntervalMillis: number;
}
