import { createHash } from 'node:crypto';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isKvError } from '@kv/core';
import { Gate } from '../io/gate.js';
import { markOfDraft } from '../io/gate-draft.js';
import { listNames } from '../io/list-names.js';
import { sweepTempFiles } from '../io/temp-files.js';
import type { StoreMetadata } from './store-metadata.js';
import { completeSwap, removeSwapMark, SWAPS_DIR } from './complete-swap.js';
import type { Trash } from './trash.js';

/** What gates have to know of the stores behind them. */
export interface GatedStores {
  readonly trash: Trash;
  /** Gives the path of a store's directory, or, without a place, of that in which all are. */
  path(place?: string): string;
  readMetadata(place: string): StoreMetadata | undefined;
  list(): readonly { readonly place: string; readonly metadata: StoreMetadata }[];
}

/**
 * Knows the gates that all changes of stores go through, in `{dir}/.kv/stores`. When a store goes to another place, so does
 * its gate: who still knows the old one then does not write into a store that has taken the place.
 */
export class StoreGates {
  readonly #stores: GatedStores;
  readonly #dir: string;
  readonly #swapsDir: string;

  constructor(root: string, stores: GatedStores) {
    this.#stores = stores;
    this.#dir = join(root, '.kv', 'stores');
    this.#swapsDir = join(root, '.kv', SWAPS_DIR);
  }

  /** Makes the gate of a store in a place. */
  of(place: string, id: string): Gate {
    // An error of the place must not pass for a store that is gone.
    return this.at(gateName(place, id), () => this.#stores.readMetadata(place)?.id === id);
  }

  /** Makes a gate by the name of its directory. */
  at(name: string, isInUse: () => boolean = () => this.#isInUse(name)): Gate {
    const { trash } = this.#stores;
    return new Gate({
      dir: join(this.#dir, name),
      subject: `key-value store ${name}`,
      isPassed: true,
      isInUse,
      recover: (passage) => void completeSwap(passage, this.#stores.path(), (purge) => trash.newPurge(purge)),
    });
  }

  /** Tells whether there is a gate of a store in a place. */
  has(place: string, id: string): boolean {
    return existsSync(join(this.#dir, gateName(place, id)));
  }

  /** Takes a gate, while it is held, to another place. */
  move(gate: Gate, target: string, id: string): void {
    gate.moveTo(join(this.#dir, gateName(target, id)));
  }

  /** Puts the gate of a store that was removed into the trash. */
  remove(place: string, id: string): void {
    const dir = join(this.#dir, gateName(place, id));
    if (existsSync(dir)) this.#stores.trash.take(dir);
  }

  /** Removes what processes that are no more have left of gates that they made or took away. */
  sweep(): void {
    sweepTempFiles(this.#dir, (name) => this.markOfDraft(name));
  }

  /** Gives the mark of whoever made a draft, by its name; `''` when it is none. The id of a store may end like one. */
  markOfDraft(name: string): string {
    const mark = markOfDraft(name);
    return mark !== '' && this.#isInUse(name) ? '' : mark;
  }

  /** Waits for purges that have a store in hand, and completes those that have died; tells whether there were any. */
  async settleSwaps(signal?: AbortSignal): Promise<boolean> {
    const names = listNames(this.#swapsDir);
    for (const name of names) await this.#settleSwap(name, signal);
    return names.length > 0;
  }

  async #settleSwap(name: string, signal: AbortSignal | undefined): Promise<void> {
    const mark = join(this.#swapsDir, name);
    const gate = this.at(name);
    try {
      await gate.ready(signal);
      // Left by one that died after it was done; the next purge may put down its own, but not while the gate is held.
      if (existsSync(mark)) await gate.hold(signal, removeSwapMark);
    } catch (error) {
      if (!isKvError(error, 'KV_STORAGE_NOT_FOUND')) throw error;
      rmSync(mark, { recursive: true, force: true });
    }
  }

  #isInUse(name: string): boolean {
    return this.#stores.list().some(({ place, metadata }) => gateName(place, metadata.id) === name);
  }
}

/** Ids of other tools may be any text, and places may be as long as a name can be. */
function gateName(place: string, id: string): string {
  const name = `${place}@${id}`;
  return /^[\w.@~%=+-]{1,200}$/.test(name) ? name : createHash('sha256').update(name).digest('hex');
}
