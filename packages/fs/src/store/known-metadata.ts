import type { Stats } from 'node:fs';
import { dirname, join } from 'node:path';
import { DirectoryWatch, isSameState } from '../io/directory-state.js';
import type { DirectoryState } from '../io/directory-state.js';
import { isFileError } from '../io/file-error.js';
import { statFile } from '../io/is-file.js';
import { lookTwice } from '../io/look-twice.js';
import { METADATA_FILE } from '../layout/sidecar.js';
import type { StoreMetadata } from './store-metadata.js';

/** Reads the metadata of the store in a place; `undefined` when there is none that can be read. */
export type ReadMetadata = (place: string) => StoreMetadata | undefined;

/** Knows the metadata of the store in one place, and reads its file again only when that has changed. */
export class KnownMetadata {
  readonly place: string;
  readonly #path: string;
  readonly #read: ReadMetadata;
  readonly #watch: DirectoryWatch = new DirectoryWatch();
  #state: DirectoryState | undefined;
  #isBlank = false;
  #known: { readonly state: DirectoryState; readonly metadata: StoreMetadata } | undefined;

  constructor(storesDir: string, place: string, read: ReadMetadata) {
    this.place = place;
    this.#path = join(storesDir, place, METADATA_FILE);
    this.#read = read;
  }

  /** Looks at the file. The longer that is ago when it is read, the surer it is that a change since then will show. */
  look(): void {
    this.#state = fileState(this.#path, this.#isBlank);
    // Where there was none, none is being replaced; and such places are looked at with each search for an id.
    this.#isBlank = this.#state === undefined;
    if (this.#state) this.#watch.isSettled(this.#state);
  }

  /** Gives the metadata as it was at the last look, or as it is now; `undefined` when there is none that can be read. */
  get(): StoreMetadata | undefined {
    const state = this.#state;
    if (state && this.#known && isSameState(this.#known.state, state)) return this.#known.metadata;
    const isSettled = state !== undefined && this.#watch.isSettled(state);
    const metadata = state && this.#read(this.place);
    // What cannot be read now, for want of descriptors perhaps, is tried again.
    this.#known = isSettled && metadata ? { state, metadata } : undefined;
    return metadata;
  }
}

/** What cannot be looked at cannot be read either. */
function fileState(path: string, isBlank: boolean): DirectoryState | undefined {
  const look = (): Stats | undefined => statFile(path);
  try {
    const stats = isBlank ? look() : lookTwice(dirname(path), look);
    return stats && { ino: stats.ino, mtimeMs: stats.mtimeMs, ctimeMs: stats.ctimeMs };
  } catch (error) {
    if (isFileError(error)) return undefined;
    throw error;
  }
}
