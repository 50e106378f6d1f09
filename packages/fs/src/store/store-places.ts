import { createHash } from 'node:crypto';
import type { ResolvedStorageRef } from '@kv/core';
import { decodeStem, encodeStem } from '../layout/file-stem.js';
import type { StoreMetadata } from './store-metadata.js';

/** A reference that opens or creates: everything but an id. */
export type CreatingRef = Exclude<ResolvedStorageRef, { type: 'id' }>;

/** Gives the name of the directory that a name or an alias stands for. */
export function ownPlace(word: string): string {
  return encodeStem(word, false).text;
}

/** Gives the name of the directory of the default store. */
export function defaultPlace(defaultId: string): string {
  return ownPlace(defaultId);
}

/**
 * Gives the names of the directories that a store may have: its own name, and one that is nobody else's, for when a store
 * of the other kind, or one whose name differs in case alone, has the first.
 */
export function storePlaces(ref: CreatingRef, defaultId: string): readonly string[] {
  if (ref.type === 'default') return [defaultPlace(defaultId)];
  const word = ref.type === 'name' ? ref.name : ref.alias;
  const own = ownPlace(word);
  const hash = createHash('sha256').update(word).digest('hex').slice(0, 8);
  const unique = `${own}~${ref.type}-${hash}`;
  return [own, unique];
}

/**
 * Gives the names of the directories that a store may get when it is created or renamed. That of the default store is nobody
 * else's, nor one that is the same on a machine that ignores case.
 */
export function newPlaces(ref: CreatingRef, defaultId: string): readonly string[] {
  const places = storePlaces(ref, defaultId);
  if (ref.type === 'default') return places;
  return places.filter((place) => !equalsIgnoringCase(place, defaultPlace(defaultId)));
}

/**
 * Gives the metadata that a store has in its place. One that was moved there, by half a rename or by hand, has the name of the
 * place: what has a name is never purged.
 */
export function metadataInPlace(metadata: StoreMetadata, place: string, defaultId: string): StoreMetadata {
  if (isAtHome(metadata, place, defaultId)) return metadata;
  const { alias: _, ...rest } = metadata;
  return { ...rest, name: decodeStem(place, false) ?? place };
}

/** Tells whether a store lies where its name or alias puts it. */
export function isAtHome(metadata: StoreMetadata, place: string, defaultId: string): boolean {
  const { id, name, alias } = metadata;
  // The default store may have any name: it is found by its place.
  if (isPlace(metadata, place, defaultPlace(defaultId))) return true;
  if (name === null && alias === undefined) return id !== defaultId && id !== 'default';
  // Other tools take a name as it is for the directory.
  const homes = name === null ? placesOf('alias', alias ?? '') : [...placesOf('name', name), name];
  return homes.some((home) => isPlace(metadata, place, home));
}

function placesOf(type: 'name' | 'alias', word: string): readonly string[] {
  return storePlaces(type === 'name' ? { type, name: word } : { type, alias: word }, '');
}

/** Tells whether a store that was found in one place lies in another, which is the same where `a` and `A` are one name. */
function isPlace({ ignoresCase }: StoreMetadata, place: string, other: string): boolean {
  return place === other || (ignoresCase === true && equalsIgnoringCase(place, other));
}

function equalsIgnoringCase(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

/** Tells whether the metadata found at the place of a store is that store's. */
export function isMetadataOf(metadata: StoreMetadata, ref: CreatingRef, place: string, defaultId: string): boolean {
  if (ref.type === 'default') return true;
  if (ref.type === 'name') return metadata.name === ref.name;
  // Other tools do not write the alias down: with them it is the directory's name.
  if (isPlace(metadata, place, defaultPlace(defaultId))) return false;
  return metadata.name === null && (metadata.alias ?? foreignAlias(metadata, place)) === ref.alias;
}

/** Tells whether a store lives for one run: the default one, and those opened by alias. */
export function isRunScoped(metadata: StoreMetadata, place: string, defaultId: string): boolean {
  // Crawlee 3 gives its default store the name "default".
  if (isPlace(metadata, place, defaultPlace(defaultId))) return metadata.name === null || metadata.name === 'default';
  return metadata.name === null && (metadata.alias ?? foreignAlias(metadata, place)) !== undefined;
}

function foreignAlias(metadata: StoreMetadata, place: string): string | undefined {
  return metadata.id === place ? undefined : place;
}
