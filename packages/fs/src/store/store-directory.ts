import { statSync } from 'node:fs';
import type { Durability } from '../fs-backend-options.js';
import type { Gate } from '../io/gate.js';

/** The directory of one open store, and what is needed to work in it. All handles of a store in a backend share it. */
export interface StoreDirectory {
  /** The store's id. */
  readonly id: string;
  /** Absolute path; changes when the store is renamed. */
  path: string;
  /** Whether the directory takes `a` and `A` for one name. */
  readonly ignoresCase: boolean;
  /** What all changes go through. */
  readonly gate: Gate;
  /** What a write survives. */
  readonly durability: Durability;
  /** The directory as it was seen last: a purge puts another one in its place. */
  inode: number | undefined;
}

/** Tells whether the directory is there, and still the one that was seen last; if it is another one, it is so from now on. */
export function isSameDirectory(store: StoreDirectory): boolean {
  const inode = statSync(store.path, { throwIfNoEntry: false })?.ino;
  const isSame = inode === store.inode;
  store.inode = inode;
  return isSame;
}
