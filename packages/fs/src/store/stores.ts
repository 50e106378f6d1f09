import { createHash } from 'node:crypto';
import { existsSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createStorageId, isKvError, KvError } from '@kv/core';
import type { ResolvedStorageRef } from '@kv/core';
import { guessLayout } from '../foreign/guess-layout.js';
import type { Durability, StoreLayout } from '../fs-backend-options.js';
import { isFileError } from '../io/file-error.js';
import { Gate } from '../io/gate.js';
import { listNames } from '../io/list-names.js';
import { makeDirectory } from '../io/make-directory.js';
import { syncDirectory } from '../io/place-file.js';
import { sweepTempFiles, TempFiles } from '../io/temp-files.js';
import { METADATA_FILE } from '../layout/sidecar.js';
import { MetadataFiles, newMetadata } from './store-metadata.js';
import type { StoreMetadata } from './store-metadata.js';
import {
  defaultPlace,
  equalsIgnoringCase,
  isMetadataOf,
  isRunScoped,
  metadataInPlace,
  ownPlace,
  storePlaces,
} from './store-places.js';
import type { CreatingRef } from './store-places.js';
import { completeSwap, SWAPS_DIR } from './swap-store.js';
import { Trash } from './trash.js';

// Each time, another process has dropped the store; nobody is slower that often.
const MAX_ATTEMPTS = 50;

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
  readonly layout: StoreLayout;
  readonly defaultId: string;
}

/** Finds, creates, renames and removes the directories of key-value stores. Trusts the disk alone. */
export class Stores {
  readonly temp: TempFiles;
  readonly trash: Trash;
  readonly #metadata: MetadataFiles;
  readonly #durability: Durability;
  readonly #layout: StoreLayout;
  readonly #dir: string;
  readonly #gatesDir: string;
  readonly #swapsDir: string;
  readonly #defaultId: string;

  constructor({ root, durability, layout, defaultId }: StoresOptions) {
    this.temp = new TempFiles(root, durability);
    this.#metadata = new MetadataFiles(this.temp, durability);
    this.#durability = durability;
    this.#layout = layout;
    this.#dir = join(root, 'key_value_stores');
    this.trash = new Trash(root);
    this.#gatesDir = join(root, '.kv', 'stores');
    this.#swapsDir = join(root, '.kv', SWAPS_DIR);
    this.#defaultId = defaultId;
  }

  /** Gives the path of a store's directory. */
  path(place: string): string {
    return join(this.#dir, place);
  }

  /**
   * Makes the gate that all changes of a store in a place go through. When the store goes to another place, so does the
   * gate: who still knows the old one then does not write into a store that has taken the place.
   */
  gate(place: string, id: string): Gate {
    // An error of the place must not pass for a store that is gone.
    return this.gateAt(gateName(place, id), () => this.readMetadata(place)?.id === id);
  }

  /** Makes a gate by the name of its directory. */
  gateAt(name: string, isInUse: () => boolean = () => this.#hasGate(name)): Gate {
    return new Gate({
      dir: join(this.#gatesDir, name),
      subject: `key-value store ${name}`,
      isInUse,
      recover: (passage) => completeSwap(passage, this.#dir, () => this.trash.newPurge()),
    });
  }

  /** Finds a store; `undefined` when there is none. */
  find(ref: ResolvedStorageRef): FoundStore | undefined {
    if (ref.type === 'id') return this.findById(ref.id);
    for (const place of storePlaces(ref, this.#defaultId)) {
      const metadata = this.readMetadata(place);
      if (metadata && isMetadataOf(metadata, ref, place, this.#defaultId)) return { place, metadata };
    }
    return this.#findDefaultElsewhere(ref);
  }

  /** Finds a store by its id; looks through the metadata of all stores. */
  findById(id: string): FoundStore | undefined {
    return this.list().find(({ metadata }) => metadata.id === id);
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
    const found = this.find(ref);
    if (found) return this.#settle(found);
    // A store may be missing only because a purge is at work, or has died in the middle.
    return (await this.settleSwaps()) ? undefined : this.#create(ref);
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
  async listRunScoped(): Promise<FoundStore[]> {
    const place = defaultPlace(this.#defaultId);
    // A default directory that only holds an INPUT placed by hand has no metadata yet.
    const isNew = existsSync(this.path(place)) && !this.#readLenient(place);
    if (isNew) await this.open({ type: 'default' });
    return this.list().filter((store) => this.isRunScoped(store));
  }

  /** Tells whether a store lives for one run. */
  isRunScoped({ place, metadata }: FoundStore): boolean {
    return isRunScoped(metadata, place, this.#defaultId);
  }

  /** Lists what the last purge has removed: the directories in the trash, with the metadata of the stores. */
  listPurged(): { path: string; metadata: StoreMetadata }[] {
    const dir = this.trash.lastPurge();
    if (dir === undefined) return [];
    return listNames(dir).flatMap((place) => {
      const path = join(dir, place);
      const metadata = this.#metadata.read(path);
      return metadata ? [{ path, metadata }] : [];
    });
  }

  /** Reads the metadata of a store that is open; `undefined` when it is gone. */
  readMetadata(place: string): StoreMetadata | undefined {
    const metadata = this.#metadata.read(this.path(place));
    return metadata && metadataInPlace(metadata, place, this.#defaultId);
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
  async move({ place, metadata }: FoundStore, name: string, signal: AbortSignal | undefined): Promise<string> {
    if (metadata.name === name) return place;
    const { id } = metadata;
    return this.gate(place, id).hold(signal, () => {
      for (const target of this.#placesFor({ type: 'name', name })) {
        // Each time anew: whoever has the place may have got the name just now.
        if (this.find({ type: 'name', name })) throw nameTaken(name);
        // The place of an alias may be that of the name.
        if (target === place) return place;
        if (!this.#tryMove(place, target)) continue;
        this.gate(place, id).moveTo(join(this.#gatesDir, gateName(target, id)));
        return target;
      }
      throw nameTaken(name);
    });
  }

  #tryMove(place: string, target: string): boolean {
    try {
      renameSync(this.path(place), this.path(target));
      return true;
    } catch (error) {
      if (isFileError(error, 'ENOTEMPTY', 'EEXIST', 'EPERM')) return false;
      throw error;
    }
  }

  /** Removes a store at one blow for everyone who looks; its files are deleted later. */
  remove(place: string, id: string): void {
    this.trash.take(this.path(place));
    const gateDir = join(this.#gatesDir, gateName(place, id));
    if (existsSync(gateDir)) this.trash.take(gateDir);
  }

  /** Removes the temp files of processes that are no more. What cannot be removed waits for the next time. */
  sweep(gate?: Gate): void {
    try {
      sweepTempFiles(gate === undefined ? this.temp.dir : gate.open.path);
    } catch (error) {
      if (!isFileError(error)) throw error;
    }
  }

  /** Waits for purges that have a store in hand, and completes those that have died; tells whether there were any. */
  async settleSwaps(): Promise<boolean> {
    const names = listNames(this.#swapsDir);
    for (const name of names) {
      const gate = this.gateAt(name);
      await gate.ready(undefined).catch(ignoreGone);
      // Left by one that died after it was done.
      if (!gate.isHeld) rmSync(join(this.#swapsDir, name), { recursive: true, force: true });
    }
    return names.length > 0;
  }

  #hasGate(name: string): boolean {
    return this.list().some(({ place, metadata }) => gateName(place, metadata.id) === name);
  }

  async #create(ref: CreatingRef): Promise<FoundStore | undefined> {
    for (const place of this.#placesFor(ref)) {
      const names = listNames(this.path(place));
      if (!isFree(ref, place, names)) {
        const metadata = this.#readLenient(place);
        if (metadata && isMetadataOf(metadata, ref, place, this.#defaultId)) return undefined;
        continue;
      }
      this.#makeDirectory(place);
      const layout = guessLayout(this.path(place), names) ?? this.#layout;
      let metadata = newMetadata({ ...this.#identityOf(ref, names), layout });
      if (!(await this.#metadata.create(this.path(place), metadata))) return undefined;
      if (this.ignoresCase(place)) this.writeMetadata(place, (metadata = { ...metadata, ignoresCase: true }));
      return { place, metadata };
    }
    return undefined;
  }

  /** The place of the default store is nobody else's, nor one that is the same on a machine that ignores case. */
  #placesFor(ref: CreatingRef): readonly string[] {
    const places = storePlaces(ref, this.#defaultId);
    if (ref.type === 'default') return places;
    return places.filter((place) => !equalsIgnoringCase(place, defaultPlace(this.#defaultId)));
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
  async #settle(found: FoundStore): Promise<FoundStore | undefined> {
    const { place, metadata } = found;
    const isSettled = (): boolean => this.#metadata.read(this.path(place))?.name === metadata.name;
    if (isSettled()) return found;
    return this.gate(place, metadata.id).hold(undefined, () => {
      // Another process may have been faster, or have dropped the store.
      if (isSettled() || this.readMetadata(place)?.id !== metadata.id) return undefined;
      const isCopy = this.list().some((other) => other.place !== place && other.metadata.id === metadata.id);
      const settled = isCopy ? { ...metadata, id: createStorageId() } : metadata;
      this.writeMetadata(place, settled);
      return { place, metadata: settled };
    });
  }

  #readLenient(place: string): StoreMetadata | undefined {
    try {
      return this.readMetadata(place);
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

/** Ids of other tools may be any text, and places may be as long as a name can be. */
function gateName(place: string, id: string): string {
  const name = `${place}@${id}`;
  return /^[\w.@~%=+-]{1,200}$/.test(name) ? name : createHash('sha256').update(name).digest('hex');
}

function ignoreGone(error: unknown): void {
  if (!isKvError(error, 'KV_STORAGE_NOT_FOUND')) throw error;
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
