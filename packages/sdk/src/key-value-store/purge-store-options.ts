/** Options of `KeyValueStore.purge()`. */
export interface PurgeStoreOptions {
  /** Removes nothing, and gives the keys that a purge would remove. @defaultValue false */
  readonly dryRun?: boolean | undefined;
}
