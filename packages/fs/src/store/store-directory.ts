import { statSync } from 'node:fs';
import { KvError } from '@kv/core';
import type { LayoutName } from '../foreign/layout-name.js';
import type { Durability } from '../fs-backend-options.js';
import type { Gate } from '../io/gate.js';
import type { HandPlacedKeys } from '../record/hand-placed-keys.js';

/** The directory of one open store, and what is needed to work in it. All handles of a store in a backend share it. */
export interface StoreDirectory {
  /** The store's id. */
  readonly id: string;
  /** Absolute path; changes when the store is renamed. */
  path: string;
  /** Whose file names it uses; decided when it is opened. */
  layout: LayoutName;
  /** Whether the directory takes `a` and `A` for one name. */
  readonly ignoresCase: boolean;
  /** What all changes go through; belongs to the path, and changes with it. */
  gate: Gate;
  /** Saves looking for files placed by hand where there are none. */
  readonly handPlaced: HandPlacedKeys;
  /** What a write survives. */
  readonly durability: Durability;
  /** The directory as it was seen last, see {@link directoryMark}: a purge puts another one in its place. */
  mark: string | undefined;
  /** Reads the id of the store that lies in the path now. */
  readonly readId: () => string | undefined;
}

/**
 * Tells whether the directory is the one that was seen last; if it is another one of the same store, it is so from now on.
 *
 * @throws KvError `KV_STORAGE_NOT_FOUND` when it is not there, or another store's.
 */
export function isSameDirectory(store: StoreDirectory): boolean {
  const mark = directoryMark(store.path);
  if (mark !== undefined && mark === store.mark) return true;
  if (mark === undefined || store.readId() !== store.id) throw storeIsGone(store);
  store.mark = mark;
  return false;
}

/** Tells directories of one path apart; `undefined` when there is none. The number alone is given again after a removal. */
export function directoryMark(path: string): string | undefined {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats && `${stats.ino}:${stats.birthtimeMs}`;
}

/** Says that a store has been removed under an open handle. */
export function storeIsGone({ id, path }: StoreDirectory): KvError {
  return new KvError(
    'KV_STORAGE_NOT_FOUND',
    `The key-value store ${id} is gone: it is not in ${path} any more. Open the store again to make a new one.`,
    { details: { id, path } },
  );
}
