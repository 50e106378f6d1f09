import { createBackend } from '@kv/fs';
import type { KeyValueStoreBackend, StorageBackend } from '@kv/core';
import type { Random } from '../random.ts';
import type { ModelStore } from './model.ts';

/** A directory and what it should hold. */
export class WalkState {
  readonly random: Random;
  /** The stores that there should be, by id. */
  readonly stores: Map<string, ModelStore> = new Map();
  /** What was done, step by step. */
  readonly trail: string[] = [];
  readonly #dir: string;
  readonly #handles = new Map<string, KeyValueStoreBackend>();
  #backend: StorageBackend;

  constructor(dir: string, random: Random) {
    this.#dir = dir;
    this.random = random;
    this.#backend = createBackend({ dir });
  }

  get backend(): StorageBackend {
    return this.#backend;
  }

  /** Goes on as the next process would: nothing but the directory is known to the new backend. */
  async reopen(): Promise<void> {
    await this.#backend.close();
    this.#backend = createBackend({ dir: this.#dir });
    this.#handles.clear();
  }

  /** Gives the handle of a store that exists; the same one until the next reopening. */
  async handle({ id }: ModelStore): Promise<KeyValueStoreBackend> {
    const known = this.#handles.get(id);
    if (known) return known;
    const handle = await this.#backend.openKeyValueStore({ id });
    this.#handles.set(id, handle);
    return handle;
  }

  /** Forgets a store that was dropped. A new default store may get the id of the last one. */
  forget({ id }: ModelStore): void {
    this.stores.delete(id);
    this.#handles.delete(id);
  }
}
