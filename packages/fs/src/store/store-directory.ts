import type { Durability } from '../fs-backend-options.js';
import type { TempFiles } from '../io/temp-files.js';

/** The directory of one open store, and what is needed to work in it. All handles of a store in a backend share it. */
export interface StoreDirectory {
  /** The store's id. */
  readonly id: string;
  /** Absolute path; changes when the store is renamed. */
  path: string;
  /** Whether the directory takes `a` and `A` for one name. */
  readonly ignoresCase: boolean;
  /** Where values are written before they take their place. */
  readonly temp: TempFiles;
  /** What a write survives. */
  readonly durability: Durability;
}
