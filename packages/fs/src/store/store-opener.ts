import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { createStorageId, isKvError, KvError } from '@kv/core';
import { guessLayout } from '../foreign/guess-layout.js';
import { isFileError } from '../io/file-error.js';
import { listNames } from '../io/list-names.js';
import { makeDirectory } from '../io/make-directory.js';
import { syncDirectory } from '../io/place-file.js';
import { METADATA_FILE } from '../layout/sidecar.js';
import { newMetadata } from './store-metadata.js';
import type { MetadataFiles, StoreMetadata } from './store-metadata.js';
import { defaultPlace, isMetadataOf, newPlaces, ownPlace } from './store-places.js';
import type { CreatingRef } from './store-places.js';
import type { FoundStore, Stores, StoresOptions } from './stores.js';

// Each time, another process has dropped the store; nobody is slower that often.
const MAX_ATTEMPTS = 50;

/** Opens stores by name, alias or as the default one, and creates those that are missing. */
export class StoreOpener {
  readonly #stores: Stores;
  readonly #metadata: MetadataFiles;
  readonly #options: StoresOptions;

  constructor(stores: Stores, options: StoresOptions) {
    this.#stores = stores;
    this.#metadata = stores.metadata;
    this.#options = options;
  }

  /** Opens a store, or creates it. */
  async open(ref: CreatingRef): Promise<FoundStore> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const opened = await this.#tryOpen(ref);
        // `undefined` when another process has created it meanwhile.
        if (opened) return opened;
      } catch (error) {
        // Another process has dropped it meanwhile.
        const isGone = isFileError(error, 'ENOENT') || isKvError(error, 'KV_STORAGE_NOT_FOUND');
        if (attempt === MAX_ATTEMPTS || !isGone) throw error;
      }
    }
  }

  async #tryOpen(ref: CreatingRef): Promise<FoundStore | undefined> {
    // A store may be missing only because a purge is at work, or has died in the middle.
    const found = await this.#stores.findSettled(ref);
    return found ? this.#settle(found) : this.#create(ref);
  }

  /** A default directory that only holds an INPUT placed by hand has no metadata yet: here it gets some. */
  async adoptDefault(): Promise<void> {
    const place = defaultPlace(this.#options.defaultId);
    if (existsSync(this.#stores.path(place)) && !this.#stores.readLenient(place)) await this.open({ type: 'default' });
  }

  async #create(ref: CreatingRef): Promise<FoundStore | undefined> {
    for (const place of newPlaces(ref, this.#options.defaultId)) {
      const names = listNames(this.#stores.path(place));
      if (!isFree(ref, place, names)) {
        const metadata = this.#stores.readLenient(place);
        if (metadata && isMetadataOf(metadata, ref, place, this.#options.defaultId)) return undefined;
        // Dropped since it was listed. Others find this place free now, so the next one would be a second store of the name.
        if (!metadata && names.includes(METADATA_FILE)) throw metadataIsGone(this.#stores.path(place));
        continue;
      }
      const identity = await this.#identityOf(ref, names);
      this.#makeDirectory(place);
      const layout = guessLayout(this.#stores.path(place), names) ?? this.#options.layout;
      const metadata = await this.#metadata.create(this.#stores.path(place), newMetadata({ ...identity, layout }));
      return metadata && { place, metadata };
    }
    return undefined;
  }

  async #identityOf(ref: CreatingRef, names: readonly string[]): Promise<Pick<StoreMetadata, 'id' | 'name' | 'alias'>> {
    if (ref.type === 'name') return { id: createStorageId(), name: ref.name };
    if (ref.type === 'alias') return { id: createStorageId(), name: null, alias: ref.alias };
    // The store that was the default may have got a name, and kept the id.
    const { defaultId } = this.#options;
    const id = (await this.#stores.findSettled({ type: 'id', id: defaultId })) ? createStorageId() : defaultId;
    // What other tools have left under a name of its own is not to be purged.
    const isForeign = defaultId !== 'default' && names.length > 0;
    return { id, name: isForeign ? defaultId : null };
  }

  #makeDirectory(place: string): void {
    const first = makeDirectory(this.#stores.path(place));
    if (first === undefined || this.#options.durability !== 'fsync') return;
    for (let dir = dirname(this.#stores.path(place)); dir.length >= dirname(first).length; dir = dirname(dir)) {
      syncDirectory(dir);
      if (dir === dirname(dir)) break;
    }
  }

  /** Writes down the name of a store that was moved, and gives a copy of a store an id of its own. */
  async #settle(found: FoundStore): Promise<FoundStore | undefined> {
    const { place, metadata } = found;
    const isSettled = (): boolean => this.#metadata.read(this.#stores.path(place))?.name === metadata.name;
    if (isSettled()) return found;
    return this.#stores.gates.of(place, metadata.id).hold(undefined, (passage) => {
      // Another process may have been faster, or have dropped the store.
      if (isSettled() || this.#stores.readMetadata(place)?.id !== metadata.id) return undefined;
      const isCopy = this.#stores.list().some((other) => other.place !== place && other.metadata.id === metadata.id);
      const settled = isCopy ? { ...metadata, id: createStorageId() } : metadata;
      this.#stores.writeMetadata(place, settled, passage);
      if (isCopy) this.#metadata.announceId(this.#stores.path(place));
      return { place, metadata: settled };
    });
  }
}

/** A directory without metadata is taken over, except for an alias: what a run may purge must not hold foreign data. */
function isFree(ref: CreatingRef, place: string, names: readonly string[]): boolean {
  const isForeign = ref.type === 'alias' && place === ownPlace(ref.alias) && names.length > 0;
  return !isForeign && !names.includes(METADATA_FILE);
}

function metadataIsGone(path: string): KvError {
  return new KvError(
    'KV_STORAGE_NOT_FOUND',
    `The directory ${path} lists a ${METADATA_FILE} that cannot be found. Another process is dropping the store: open it again later.`,
    { details: { path } },
  );
}
