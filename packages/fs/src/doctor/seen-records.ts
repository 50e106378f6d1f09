import type { StoreDirectory } from '../store/store-directory.js';
import type { SeenSidecars } from './seen-sidecars.js';
import type { Site } from './site.js';

/** What was seen of the records of one store. */
export interface SeenRecords {
  readonly site: Site;
  readonly store: StoreDirectory;
  readonly sidecars: SeenSidecars;
  /** The key that each value file is read under. */
  readonly served: ReadonlyMap<string, string>;
}
