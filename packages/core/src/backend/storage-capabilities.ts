/**
 * Declares what a backend can do beyond the plain contract. What is `false` raises `KV_NOT_SUPPORTED` when called.
 *
 * The conformance suite skips a case by these flags alone.
 */
export interface StorageCapabilities {
  /** Run-scoped storages can be purged with {@link StorageBackend.purge}. */
  readonly purge: boolean;
  /** {@link KeyValueStoreBackend.getPublicUrl} gives a URL for a record that exists. */
  readonly publicUrls: boolean;
}
