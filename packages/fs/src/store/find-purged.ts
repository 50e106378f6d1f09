import type { StoreMetadata } from './store-metadata.js';
import type { StoreOpener } from './store-opener.js';
import { defaultPlace } from './store-places.js';
import type { CreatingRef } from './store-places.js';
import type { FoundStore, Stores } from './stores.js';

/** What a purge has removed from a store. */
export interface PurgedStore {
  /** Name of the store's directory. */
  readonly place: string;
  /** Absolute path of what was removed. */
  readonly path: string;
  /** `undefined` when it cannot be read. */
  readonly metadata: StoreMetadata | undefined;
}

/** Finds the store that was purged; opens it anew where its directory was removed by hand. `undefined` when it was dropped. */
export async function findPurged(
  stores: Stores,
  opener: StoreOpener,
  { place, metadata }: PurgedStore,
  signal: AbortSignal | undefined,
): Promise<FoundStore | undefined> {
  if (!metadata) {
    const inPlace = stores.readLenient(place);
    return inPlace && { place, metadata: inPlace };
  }
  const found = await stores.findSettled({ type: 'id', id: metadata.id }, signal);
  const ref = refOf(place, metadata, stores.defaultId);
  // Who drops a store takes its gate along; who deletes a directory does not.
  return found ?? (ref && stores.gates.has(place, metadata.id) ? opener.open(ref) : undefined);
}

function refOf(place: string, { alias }: StoreMetadata, defaultId: string): CreatingRef | undefined {
  if (place === defaultPlace(defaultId)) return { type: 'default' };
  return alias === undefined ? undefined : { type: 'alias', alias };
}
