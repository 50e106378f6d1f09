import { createStorageId } from '@kv/core';
import type { LayoutName } from '../foreign/layout-name.js';
import { decodeStem } from '../layout/file-stem.js';
import { newMetadata } from '../store/store-metadata.js';
import type { StoreMetadata } from '../store/store-metadata.js';
import { defaultPlace, isAtHome as isInItsPlace, storePlaces } from '../store/store-places.js';

const DEFAULT = 'default';
const UNIQUE_PLACE = /^(.+)~(name|alias)-[0-9a-f]{8}$/;
const CASE_TAG = /=[0-9a-f]+([.~]|$)/;

type Names = Pick<StoreMetadata, 'name' | 'alias'>;

/** What is known of a store that has lost its metadata. */
interface LostStore {
  /** Name of its directory. */
  readonly place: string;
  readonly fileNames: readonly string[];
  /** Whose names the files have. */
  readonly layout: LayoutName;
  /** Names of the directories of all stores. */
  readonly places: readonly string[];
  /** Whether another store has the id of the default store. */
  readonly isDefaultTaken: boolean;
}

/** Makes metadata for a store that has none, from the name of its directory and the files in it. */
export function deriveMetadata({ place, fileNames, layout, places, isDefaultTaken }: LostStore): StoreMetadata {
  const isDefault = isDefaultPlace(place);
  const id = isDefault && !isDefaultTaken ? DEFAULT : createStorageId();
  const names = isDefault ? { name: null } : namesOf(place, places);
  return { ...newMetadata({ id, layout, ...names }), ...(hasCaseTags(fileNames) ? { ignoresCase: true } : {}) };
}

/** Tells whether the keys of a store were written for a directory that ignores case, on whichever machine. */
export function hasCaseTags(fileNames: readonly string[]): boolean {
  return fileNames.some((name) => CASE_TAG.test(name));
}

/** Gives a store the name of its directory, and keeps all else. */
export function renameToPlace(metadata: StoreMetadata, place: string): StoreMetadata {
  const { alias: _, ...rest } = metadata;
  return { ...rest, ...namesOf(place) };
}

/** Tells whether a store lies where its name or alias puts it. */
export function isAtHome(metadata: StoreMetadata, place: string): boolean {
  return isInItsPlace(metadata, place, DEFAULT);
}

/** Tells whether a directory is that of the default store. */
export function isDefaultPlace(place: string): boolean {
  return place === defaultPlace(DEFAULT);
}

function placesOf(type: 'name' | 'alias', word: string): readonly string[] {
  return storePlaces(type === 'name' ? { type, name: word } : { type, alias: word }, DEFAULT);
}

/** A place that is no legal name stays the name all the same: what has a name is never purged. */
function namesOf(place: string, places: readonly string[] = []): Names {
  const [, own, type] = UNIQUE_PLACE.exec(place) ?? [];
  const word = decodeStem(own ?? place, false);
  if (word === undefined) return { name: place };
  if (own === undefined) {
    // When the name has a directory of its own, the plain one is that of the alias.
    const isAlias = places.includes(placesOf('name', word)[1] ?? '');
    return isAlias ? { name: null, alias: word } : { name: word };
  }
  const isAlias = type === 'alias';
  if (placesOf(isAlias ? 'alias' : 'name', word)[1] !== place) return { name: place };
  return isAlias ? { name: null, alias: word } : { name: word };
}
