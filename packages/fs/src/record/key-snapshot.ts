import { readdirSync, statSync } from 'node:fs';
import type { StoreDirectory } from '../store/store-directory.js';
import { keyOfFile } from './file-key.js';

interface Snapshot {
  readonly keys: readonly string[];
  readonly modified: bigint;
  readonly takenAt: number;
}

// Clocks of file systems tick coarsely, up to 2 s on FAT: a directory that was just changed may change again unseen.
const SAFE_AGE_MILLIS = 2500;

/**
 * Knows the keys of a store, ascending, and reads the directory again only when it has changed.
 *
 * Not every key is a record: a sidecar may have lost its value file. Whoever lists them looks at each.
 */
export class KeySnapshot {
  #snapshot: Snapshot | undefined;

  /** Gives the keys of the store as they are now. */
  read(store: StoreDirectory): readonly string[] {
    const modified = statSync(store.path, { bigint: true }).mtimeNs;
    const known = this.#snapshot;
    if (known && known.modified === modified && known.takenAt - Number(modified / 1_000_000n) > SAFE_AGE_MILLIS) {
      return known.keys;
    }
    const takenAt = Date.now();
    const keys = new Set<string>();
    for (const name of readdirSync(store.path)) {
      const key = keyOfFile(store, name);
      if (key !== undefined) keys.add(key);
    }
    // Keys are ASCII, so the order of UTF-16 units is the order of their UTF-8 bytes.
    this.#snapshot = { keys: [...keys].toSorted(), modified, takenAt };
    return this.#snapshot.keys;
  }
}
