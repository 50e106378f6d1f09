import { renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isKvError } from '@kv/core';
import type { ResolvedStorageRef } from '@kv/core';
import type { Durability, StoreLayout } from '../fs-backend-options.js';
import { isBusy, mayPass, unlessBusy } from '../io/busy-file.js';
import { isFileError } from '../io/file-error.js';
import type { Gate, Passage } from '../io/gate.js';
import { markOfDraft } from '../io/gate-draft.js';
import { listNames } from '../io/list-names.js';
import { sweepTempFiles, TempFiles } from '../io/temp-files.js';
import { KnownStores } from './known-stores.js';
import type { FoundStore } from './known-stores.js';
import { StoreGates } from './store-gates.js';
import { MetadataFiles } from './store-metadata.js';
import type { StoreMetadata } from './store-metadata.js';
import type { PurgedStore } from './find-purged.js';
import { isMetadataOf, isRunScoped, metadataInPlace, storePlaces } from './store-places.js';
import type { CreatingRef } from './store-places.js';
import { Trash } from './trash.js';

export type { FoundStore } from './known-stores.js';

/** Options of {@link Stores}. */
export interface StoresOptions {
  readonly root: string;
  readonly durability: Durability;
  readonly layout: StoreLayout;
  readonly defaultId: string;
}

/** Finds the directories of key-value stores, and what belongs to them. Trusts the disk alone. */
export class Stores {
  readonly temp: TempFiles;
  readonly trash: Trash;
  readonly metadata: MetadataFiles;
  readonly gates: StoreGates;
  readonly defaultId: string;
  readonly #dir: string;
  readonly #known: KnownStores;

  constructor({ root, durability, defaultId }: StoresOptions) {
    this.temp = new TempFiles(root, durability);
    this.trash = new Trash(root);
    this.metadata = new MetadataFiles(this.temp, durability);
    this.gates = new StoreGates(root, this);
    this.defaultId = defaultId;
    this.#dir = join(root, 'key_value_stores');
    this.#known = new KnownStores(this.#dir, (place) => this.readLenient(place));
  }

  /** Gives the path of a store's directory; without a place, that of the directory in which all are. */
  path(place: string = ''): string {
    return join(this.#dir, place);
  }

  /** Finds a store; `undefined` when there is none. */
  find(ref: ResolvedStorageRef): FoundStore | undefined {
    if (ref.type === 'id') return this.findById(ref.id);
    for (const place of storePlaces(ref, this.defaultId)) {
      const metadata = this.readMetadata(place);
      if (metadata && isMetadataOf(metadata, ref, place, this.defaultId)) return { place, metadata };
    }
    return this.#findDefaultElsewhere(ref);
  }

  /** Finds a store as {@link find}, also one that a purge of another process has in hand. */
  async findSettled(ref: ResolvedStorageRef, signal?: AbortSignal): Promise<FoundStore | undefined> {
    if (ref.type === 'id') await this.getAcquainted();
    for (;;) {
      const found = this.find(ref);
      if (found) return found;
      // Without a swap, it is not there, or came back between the two looks.
      if (!(await this.gates.settleSwaps(signal))) return this.find(ref);
    }
  }

  /** Finds a store by its id; of several, the first by their places. */
  findById(id: string): FoundStore | undefined {
    return this.#known.findById(id);
  }

  /** Lists the stores whose metadata can be read. */
  list(): FoundStore[] {
    return this.#known.list();
  }

  /** Prepares for looking through all stores, so that this does not block for long. */
  async getAcquainted(): Promise<void> {
    return this.#known.getAcquainted();
  }

  /** Tells whether a store lives for one run. */
  isRunScoped({ place, metadata }: FoundStore): boolean {
    return isRunScoped(metadata, place, this.defaultId);
  }

  /** Lists what the last purge has removed: the directories in the trash, with the metadata of the stores. */
  listPurged(): PurgedStore[] {
    const dir = this.trash.lastPurge();
    if (dir === undefined) return [];
    return listNames(dir).map((place) => {
      const path = join(dir, place);
      return { place, path, metadata: orUndefined(path, () => this.metadata.read(path)) };
    });
  }

  /** Reads the metadata of a store that is open; `undefined` when it is gone. */
  readMetadata(place: string): StoreMetadata | undefined {
    const metadata = this.metadata.read(this.path(place));
    return metadata && metadataInPlace(metadata, place, this.defaultId);
  }

  /** Reads metadata as {@link readMetadata}; `undefined` also when it cannot be read. */
  readLenient(place: string): StoreMetadata | undefined {
    return orUndefined(this.path(place), () => this.readMetadata(place));
  }

  /** Replaces the metadata of a store whose gate is held. */
  writeMetadata(place: string, metadata: StoreMetadata, passage: Passage): void {
    this.metadata.write(this.path(place), metadata, passage);
  }

  /** Removes a store at one blow for everyone who looks; its files are deleted later. */
  remove(place: string, id: string): void {
    const path = this.path(place);
    const taken = this.trash.take(path);
    try {
      this.gates.remove(place, id);
    } catch (error) {
      // Through a gate that stays, those who know the store would write into the next one in its place.
      if (!isBusy(error) || unlessBusy(() => renameSync(taken, path))) throw error;
    }
  }

  /** Removes the temp files of processes that are no more, in a gate or everywhere else. What cannot be removed waits for the next time. */
  sweep(gate?: Gate): void {
    try {
      if (gate) return sweepTempFiles(gate.open.path);
      sweepTempFiles(this.temp.dir);
      sweepTempFiles(dirname(this.temp.dir), markOfDraft);
      this.gates.sweep();
      this.metadata.sweep();
    } catch (error) {
      if (!isFileError(error)) throw error;
    }
  }

  /** The id of the default store may be that of a store which lies under its name. */
  #findDefaultElsewhere(ref: CreatingRef): FoundStore | undefined {
    return ref.type === 'default' && this.defaultId !== 'default' ? this.findById(this.defaultId) : undefined;
  }
}

/** One store that cannot be read must not keep anyone from the others. */
function orUndefined<T>(path: string, read: () => T | undefined): T | undefined {
  try {
    return read();
  } catch (error) {
    const isUnreadable = isKvError(error, 'KV_STORAGE_CORRUPT') || isFileError(error);
    if (!isUnreadable || mayPass(error, path)) throw error;
    return undefined;
  }
}
