import type { OperationOptions, StorageBackend } from '@kv/core';

/** A backend on a local directory, with what only a directory can do. */
export interface FsBackend extends StorageBackend {
  /**
   * Brings back what the last purge has removed: the last one on this directory, by whichever process.
   *
   * A record that was written anew since the purge stays as it is. A store that was dropped does not come back; one whose
   * directory was deleted by hand does. What a purge has removed is kept until a purge removes something again.
   *
   * Nothing comes back where a purge had to remove the records one by one: of a store that is a link, lies on another device
   * than `.kv`, is or holds a mount point, or holds a directory of another user.
   *
   * @returns What was done in each store; nothing when there was no purge.
   */
  restore(options?: OperationOptions): Promise<readonly RestoreResult[]>;
}

/** Tells what a restore did to one store. */
export interface RestoreResult {
  /** Id of the store. */
  readonly id: string;
  /** What people call the store: its name or alias, or `default`. */
  readonly label: string;
  /** How many records were brought back. */
  readonly restored: number;
  /**
   * How many were not, because the store has newer ones under their keys, or because they are damaged and cannot be read. Of a
   * store that is gone, and whose metadata is damaged: how many files stay in the trash; the directory's name is its id and label.
   */
  readonly skipped: number;
}
