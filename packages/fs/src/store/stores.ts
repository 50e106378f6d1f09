import { randomBytes } from 'node:crypto';
import { existsSync, renameSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createStorageId, isKvError, KvError } from '@kv/core';
import type { ResolvedStorageRef } from '@kv/core';
import type { Durability } from '../fs-backend-options.js';
import { isFileError } from '../io/file-error.js';
import { listNames } from '../io/list-names.js';
import { makeDirectory } from '../io/make-directory.js';
import { syncDirectory } from '../io/place-file.js';
import { TempFiles } from '../io/temp-files.js';
import { METADATA_FILE } from '../layout/sidecar.js';
import { MetadataFiles, newMetadata } from './store-metadata.js';
import type { StoreMetadata } from './store-metadata.js';
import { defaultPlace, isMetadataOf, isMoved, isRunScoped, ownPlace, storePlaces } from './store-places.js';
import type { CreatingRef } from './store-places.js';

/** A store on disk. */
export interface FoundStore {
  /** Name of its directory. */
  readonly place: string;
  readonly metadata: StoreMetadata;
}

/** Options of {@link Stores}. */
export interface StoresOptions {
  readonly root: string;
  readonly durability: Durability;
  readonly defaultId: string;
}

/** Finds, creates, renames and removes the directories of key-value stores. Trusts the disk alone. */
export class Stores {
  readonly temp: TempFiles;
  readonly #metadata: MetadataFiles;
  readonly #durability: Durability;
  readonly #dir: string;
  readonly #trash: string;
  readonly #defaultId: string;

  constructor({ root, durability, defaultId }: StoresOptions) {
    this.temp = new TempFiles(root, durability);
    this.#metadata = new MetadataFiles(this.temp, durability);
    this.#durability = durability;
    this.#dir = join(root, 'key_value_stores');
    this.#trash = join(root, '.kv', 'trash');
    this.#defaultId = defaultId;
  }

  /** Gives the path of a store's directory. */
  path(place: string): string {
    return join(this.#dir, place);
  }

  /** Finds a store; `undefined` when there is none. */
  find(ref: ResolvedStorageRef): FoundStore | undefined {
    if (ref.type === 'id') return this.findById(ref.id);
    for (const place of storePlaces(ref, this.#defaultId)) {
      const metadata = this.#metadata.read(this.path(place));
      if (metadata && isMetadataOf(metadata, ref, place, this.#defaultId)) return { place, metadata };
      if (metadata && isMoved(metadata, ref)) return { place, metadata: { ...metadata, name: ref.name } };
    }
    return this.#findDefaultElsewhere(ref);
  }

  /** Finds a store by its id; looks through the metadata of all stores. */
  findById(id: string): FoundStore | undefined {
    return this.list().find(({ metadata }) => metadata.id === id);
  }

  /** Opens a store, or creates it. */
  open(ref: CreatingRef): FoundStore {
    for (;;) {
      const found = this.find(ref);
      if (found) return this.#settle(found);
      const created = this.#create(ref);
      // `undefined` when another process has created it meanwhile.
      if (created) return created;
    }
  }

  /** Lists the stores whose metadata can be read. */
  list(): FoundStore[] {
    const found: FoundStore[] = [];
    for (const place of listNames(this.#dir)) {
      const metadata = this.#readLenient(place);
      if (metadata) found.push({ place, metadata });
    }
    return found;
  }

  /** Lists the stores that live for one run. */
  listRunScoped(): FoundStore[] {
    const place = defaultPlace(this.#defaultId);
    // A default directory that only holds an INPUT placed by hand has no metadata yet.
    const isNew = existsSync(this.path(place)) && !this.#readLenient(place);
    if (isNew) this.open({ type: 'default' });
    return this.list().filter((store) => isRunScoped(store.metadata, store.place, this.#defaultId));
  }

  /** Reads the metadata of a store that is open; `undefined` when it is gone. */
  readMetadata(place: string): StoreMetadata | undefined {
    return this.#metadata.read(this.path(place));
  }

  /** Replaces the metadata of a store. */
  writeMetadata(place: string, metadata: StoreMetadata): void {
    this.#metadata.write(this.path(place), metadata);
  }

  /**
   * Moves a store to the place of a new name, which its metadata says only afterwards: `open` mends what stops in between.
   *
   * @throws KvError `KV_NAME_TAKEN`.
   */
  move({ place, metadata }: FoundStore, name: string): string {
    if (metadata.name === name) return place;
    if (this.find({ type: 'name', name })) throw nameTaken(name);
    for (const target of this.#placesFor({ type: 'name', name })) {
      try {
        renameSync(this.path(place), this.path(target));
        return target;
      } catch (error) {
        if (!isFileError(error, 'ENOTEMPTY', 'EEXIST', 'EPERM')) throw error;
      }
    }
    throw nameTaken(name);
  }

  /** Takes a store away at one blow for everyone who looks, and gives the path where its files wait for {@link discard}. */
  takeAway(place: string): string {
    makeDirectory(this.#trash);
    const target = join(this.#trash, `${place}-${randomBytes(6).toString('hex')}`);
    renameSync(this.path(place), target);
    return target;
  }

  /** Removes the files of a store that was taken away. */
  async discard(path: string): Promise<void> {
    await rm(path, { recursive: true, force: true });
  }

  /** Removes what processes that are no more have left behind. What cannot be removed waits for the next time. */
  async sweep(): Promise<void> {
    try {
      this.temp.sweep();
      await this.discard(this.#trash);
    } catch (error) {
      if (!isFileError(error)) throw error;
    }
  }

  #create(ref: CreatingRef): FoundStore | undefined {
    for (const place of this.#placesFor(ref)) {
      const names = listNames(this.path(place));
      if (!isFree(ref, place, names)) {
        // Another process may have created the store since it was looked for.
        if (this.#isAt(place, ref)) return undefined;
        continue;
      }
      this.#makeDirectory(place);
      let metadata = newMetadata(this.#identityOf(ref, names));
      if (!this.#metadata.create(this.path(place), metadata)) return undefined;
      if (this.ignoresCase(place)) this.writeMetadata(place, (metadata = { ...metadata, ignoresCase: true }));
      return { place, metadata };
    }
    return undefined;
  }

  #isAt(place: string, ref: CreatingRef): boolean {
    const metadata = this.#metadata.read(this.path(place));
    return metadata !== undefined && isMetadataOf(metadata, ref, place, this.#defaultId);
  }

  /** The place of the default store is nobody else's. */
  #placesFor(ref: CreatingRef): readonly string[] {
    const places = storePlaces(ref, this.#defaultId);
    return ref.type === 'default' ? places : places.filter((place) => place !== defaultPlace(this.#defaultId));
  }

  #identityOf(ref: CreatingRef, names: readonly string[]): Pick<StoreMetadata, 'id' | 'name' | 'alias'> {
    if (ref.type === 'name') return { id: createStorageId(), name: ref.name };
    if (ref.type === 'alias') return { id: createStorageId(), name: null, alias: ref.alias };
    // The store that was the default may have got a name, and kept the id.
    const id = this.findById(this.#defaultId) ? createStorageId() : this.#defaultId;
    // What other tools have left under a name of its own is not to be purged.
    const isForeign = this.#defaultId !== 'default' && names.length > 0;
    return { id, name: isForeign ? this.#defaultId : null };
  }

  #makeDirectory(place: string): void {
    const first = makeDirectory(this.path(place));
    if (first === undefined || this.#durability !== 'fsync') return;
    for (let dir = dirname(this.path(place)); dir.length >= dirname(first).length; dir = dirname(dir)) {
      syncDirectory(dir);
      if (dir === dirname(dir)) break;
    }
  }

  /** Tells whether a directory takes `a` and `A` for one name. */
  ignoresCase(place: string): boolean {
    return existsSync(join(this.path(place), METADATA_FILE.toUpperCase()));
  }

  /** The id of the default store may be that of a store which lies under its name. */
  #findDefaultElsewhere(ref: CreatingRef): FoundStore | undefined {
    return ref.type === 'default' && this.#defaultId !== 'default' ? this.findById(this.#defaultId) : undefined;
  }

  /** Writes down the name of a store that was moved, and gives a copy of a store an id of its own. */
  #settle(found: FoundStore): FoundStore {
    const { place, metadata } = found;
    if (this.#metadata.read(this.path(place))?.name === metadata.name) return found;
    const isCopy = this.list().some((other) => other.place !== place && other.metadata.id === metadata.id);
    const settled = isCopy ? { ...metadata, id: createStorageId() } : metadata;
    this.writeMetadata(place, settled);
    return { place, metadata: settled };
  }

  #readLenient(place: string): StoreMetadata | undefined {
    try {
      return this.#metadata.read(this.path(place));
    } catch (error) {
      // One store that cannot be read must not keep anyone from the others.
      if (isKvError(error, 'KV_STORAGE_CORRUPT') || isFileError(error)) return undefined;
      throw error;
    }
  }
}

/** A directory without metadata is taken over, except for an alias: what a run may purge must not hold foreign data. */
function isFree(ref: CreatingRef, place: string, names: readonly string[]): boolean {
  const isForeign = ref.type === 'alias' && place === ownPlace(ref.alias) && names.length > 0;
  return !isForeign && !names.includes(METADATA_FILE);
}

function nameTaken(name: string): KvError {
  return new KvError(
    'KV_NAME_TAKEN',
    `The name ${JSON.stringify(name)} belongs to another key-value store. Choose another one.`,
    {
      details: { name },
    },
  );
}
