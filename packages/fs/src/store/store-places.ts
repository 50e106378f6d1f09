import { createHash } from 'node:crypto';
import { assertStorageName } from '@kv/core';
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

/** Gives the name of a store that lies in a place: that of its metadata, unless the place is another name's. */
export function nameOfPlace(place: string, name: string): string {
  const placeName = decodeStem(place, false);
  const isOwn = storePlaces({ type: 'name', name }, '').some((own) => own.toLowerCase() === place.toLowerCase());
  return isOwn || placeName === undefined || !isLegalName(placeName) ? name : placeName;
}

function isLegalName(name: string): boolean {
  try {
    assertStorageName(name);
    return true;
  } catch {
    return false;
  }
}

/** Tells whether the metadata found at the place of a store is that store's. */
export function isMetadataOf(metadata: StoreMetadata, ref: CreatingRef, place: string, defaultId: string): boolean {
  if (ref.type === 'default') return true;
  if (ref.type === 'name') return metadata.name === ref.name;
  // Other tools do not write the alias down: with them it is the directory's name.
  if (place === defaultPlace(defaultId)) return false;
  return metadata.name === null && (metadata.alias ?? foreignAlias(metadata, place)) === ref.alias;
}

/** Tells whether a store was renamed by moving its directory: by a rename that was cut short, or by hand. */
export function isMoved(metadata: StoreMetadata, ref: CreatingRef): ref is Extract<CreatingRef, { type: 'name' }> {
  return ref.type === 'name' && metadata.name !== null && metadata.name.toLowerCase() !== ref.name.toLowerCase();
}

/** Tells whether a store lives for one run: the default one, and those opened by alias. */
export function isRunScoped(metadata: StoreMetadata, place: string, defaultId: string): boolean {
  // Crawlee 3 gives its default store the name "default".
  if (place === defaultPlace(defaultId)) return metadata.name === null || metadata.name === 'default';
  return metadata.name === null && (metadata.alias ?? foreignAlias(metadata, place)) !== undefined;
}

function foreignAlias(metadata: StoreMetadata, place: string): string | undefined {
  return metadata.id === place ? undefined : place;
}
