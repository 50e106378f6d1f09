import { readdirSync } from 'node:fs';
import { isKvError } from '@kv/core';
import { foreignOwners } from '../foreign/foreign-keys.js';
import { isSidecarName, METADATA_FILE, readSidecar, sidecarStem } from '../layout/sidecar.js';
import { ownerOfFile } from '../record/file-key.js';
import { isClaimed } from '../record/record-files.js';
import type { StoreDirectory } from './store-directory.js';

/** The files that a purge leaves. */
export interface StayingNames {
  readonly names: readonly string[];
  /** Whether there are no others. */
  readonly isAll: boolean;
}

/** Gives the files that a purge leaves: the store's metadata, what is kept, and what is nobody's record. */
export function namesThatStay(store: StoreDirectory, isKept: (key: string) => boolean): StayingNames {
  const entries = readdirSync(store.path, { withFileTypes: true }).filter((entry) => !entry.isDirectory());
  const names = entries.map(({ name }) => name);
  const staying = store.layout === 'kv' ? ownNames(store, names, isKept) : foreignNames(store, names, isKept);
  return { names: staying, isAll: staying.length === names.length };
}

function foreignNames(store: StoreDirectory, names: readonly string[], isKept: (key: string) => boolean): string[] {
  const owners = foreignOwners(store, names);
  return names.filter((name) => isMetadataOrKept(name, owners.get(name), isKept));
}

function ownNames(store: StoreDirectory, names: readonly string[], isKept: (key: string) => boolean): string[] {
  const kept = new Set(names.filter((name) => isMetadataOrKept(name, ownerOfFile(store, name), isKept)));
  // By its name alone, the value of a record that goes (`clip` in `clip.mp4`) may be that of one that stays.
  for (const name of kept) {
    const owner = isSidecarName(name) || name === METADATA_FILE ? undefined : ownerOfFile(store, name);
    if (owner !== undefined && isClaimed(store, name, owner)) kept.delete(name);
  }
  // The file `photo.png` may be that of `photo` as well as that of `photo.png`: the sidecar knows.
  for (const name of [...kept].filter(isSidecarName)) {
    const file = fileOf(store, sidecarStem(name));
    if (file !== undefined) kept.add(file);
  }
  return names.filter((name) => kept.has(name));
}

function isMetadataOrKept(name: string, owner: string | undefined, isKept: (key: string) => boolean): boolean {
  return name === METADATA_FILE || owner === undefined || isKept(owner);
}

/** Where the sidecar is damaged, the value may still be under the record's own name. */
function fileOf(store: StoreDirectory, stem: string): string | undefined {
  try {
    return readSidecar(store.path, stem)?.file;
  } catch (error) {
    if (isKvError(error, 'KV_RECORD_CORRUPT') || isKvError(error, 'KV_ACCESS_DENIED')) return stem;
    throw error;
  }
}
