import { isKvError } from '@kv/core';
import { isFileError } from '../io/file-error.js';
import { encodeStem } from '../layout/file-stem.js';
import { isSidecarName, readSidecar, sidecarStem } from '../layout/sidecar.js';
import type { FoundSidecar } from '../layout/sidecar.js';
import type { StoreDirectory } from '../store/store-directory.js';
import type { Problem } from './problem.js';

/** A sidecar that says nothing which can be used. */
export interface BrokenSidecar {
  readonly code: Problem['code'];
  readonly message: string;
}

/** The sidecars of a store, by their stems. */
export interface SeenSidecars {
  readonly sound: ReadonlyMap<string, FoundSidecar>;
  readonly broken: ReadonlyMap<string, BrokenSidecar>;
  /** Stem of the sound sidecar that names or claims a file, by the name of the file. */
  readonly owners: ReadonlyMap<string, string>;
}

/** Reads all sidecars of a store. */
export function readSidecars(store: StoreDirectory, fileNames: readonly string[]): SeenSidecars {
  const sound = new Map<string, FoundSidecar>();
  const broken = new Map<string, BrokenSidecar>();
  const owners = new Map<string, string>();
  for (const name of fileNames) {
    if (name.startsWith('.') || !isSidecarName(name)) continue;
    const stem = sidecarStem(name);
    const seen = readOne(store, stem);
    if (!seen) continue;
    if ('code' in seen) {
      broken.set(stem, seen);
      continue;
    }
    sound.set(stem, seen);
    for (const file of [seen.file, ...(seen.claims ?? [])]) owners.set(file, stem);
  }
  return { sound, broken, owners };
}

function readOne(store: StoreDirectory, stem: string): FoundSidecar | BrokenSidecar | undefined {
  try {
    const sidecar = readSidecar(store.path, stem);
    if (!sidecar) return undefined;
    const { key } = sidecar;
    if (encodeStem(key, store.ignoresCase).text === stem) return sidecar;
    const message = `The sidecar of "${stem}" in ${store.path} says that its key is ${JSON.stringify(key)}.`;
    return { code: 'sidecar-mismatch', message };
  } catch (error) {
    if (isKvError(error, 'KV_RECORD_CORRUPT')) return { code: 'sidecar-corrupt', message: error.message };
    if (isKvError(error, 'KV_ACCESS_DENIED') || isFileError(error)) {
      return {
        code: 'access-denied',
        message: `The sidecar of "${stem}" in ${store.path} cannot be read: ${error.message}`,
      };
    }
    throw error;
  }
}
