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
  /** Writes and deletions take the conditions of {@link WriteOptions}; no other writer of the place comes in between. */
  readonly conditionalWrites: boolean;
  /** Another backend on the same place, at the same time or later, finds what this one has stored. */
  readonly persistent: boolean;
}
