import { existsSync, linkSync, lstatSync, rmSync, utimesSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { KvError } from '@kv/core';
import { isFileError } from '../io/file-error.js';
import { Gate } from '../io/gate.js';
import type { Passage } from '../io/gate.js';
import { listNames } from '../io/list-names.js';
import { lookTwice } from '../io/look-twice.js';
import { isLinkless, placeNewFile, replaceFile, syncDirectory } from '../io/place-file.js';
import { readDescriptionAt } from '../io/read-description.js';
import { smallTempFile, sweepTempFiles } from '../io/temp-files.js';
import { formatMetadata } from '../foreign/format-metadata.js';
import { layoutOf } from '../foreign/layout-name.js';
import type { LayoutName } from '../foreign/layout-name.js';
import { METADATA_FILE } from '../layout/sidecar.js';
import type { Durability } from '../fs-backend-options.js';
import type { TempFiles } from '../io/temp-files.js';

/** The content of a store's `__metadata__.json`. Properties of other tools are kept. */
export interface StoreMetadata {
  readonly id: string;
  readonly name: string | null;
  readonly alias?: string;
  readonly title?: string;
  readonly generalAccess?: string;
  readonly createdAt: string;
  readonly modifiedAt: string;
  readonly accessedAt: string;
  /** Whose file names the store uses, as its metadata shows. */
  readonly layout: LayoutName;
  /** Whether the directory takes `a` and `A` for one name, or has done so on another machine. */
  readonly ignoresCase?: boolean;
}

/** Reads and writes the metadata files of stores. */
export class MetadataFiles {
  /** Where stores are created that no file can be linked into. */
  readonly creationDir: string;
  readonly #temp: TempFiles;
  readonly #durability: Durability;
  readonly #creation: Gate;

  constructor(temp: TempFiles, durability: Durability) {
    this.#temp = temp;
    const root = dirname(temp.dir);
    this.creationDir = join(root, 'creation');
    this.#creation = new Gate({ dir: this.creationDir, subject: `the stores beside ${root}`, isPassed: false });
    this.#durability = durability;
  }

  /**
   * Reads the metadata of the store in a directory; `undefined` when there is none.
   *
   * @throws KvError `KV_STORAGE_CORRUPT` when the file is not metadata.
   */
  read(dir: string): StoreMetadata | undefined {
    return lookTwice(dir, () => readIfThere(join(dir, METADATA_FILE)));
  }

  /** Creates the metadata of a new store, and gives it; `undefined` when another process was faster. */
  async create(dir: string, metadata: StoreMetadata): Promise<StoreMetadata | undefined> {
    const text = formatMetadata(metadata);
    const path = join(dir, METADATA_FILE);
    const temp = this.#temp.writeSync(text);
    try {
      linkSync(temp, path);
    } catch (error) {
      if (isFileError(error, 'EEXIST')) return undefined;
      if (!isLinkless(error) && !isFileError(error, 'EXDEV')) throw error;
      return await this.#createAlone(dir, metadata);
    } finally {
      rmSync(temp, { force: true });
    }
    if (this.#durability === 'fsync') syncDirectory(dir);
    this.announceId(dir);
    return this.#noteCase(dir, metadata);
  }

  /**
   * Without a link, a file cannot be placed where none is in one step: so nobody else may do it meanwhile. Nor may anyone look
   * while it is replaced, because through FUSE it is missing then for a moment.
   */
  async #createAlone(dir: string, metadata: StoreMetadata): Promise<StoreMetadata | undefined> {
    return this.#creation.hold(undefined, (passage) => {
      const temp = smallTempFile(formatMetadata(metadata), this.#durability);
      if (placeNewFile(temp.enter(passage), join(dir, METADATA_FILE), this.#durability)) {
        this.announceId(dir);
        return this.#noteCase(dir, metadata);
      }
      temp.discard(passage);
      return undefined;
    });
  }

  /** Writes down when a directory takes `a` and `A` for one name. */
  #noteCase(dir: string, metadata: StoreMetadata): StoreMetadata {
    if (!ignoresCase(dir)) return metadata;
    const noted = { ...metadata, ignoresCase: true };
    this.#replace(this.#temp.writeSync(formatMetadata(noted)), dir);
    return noted;
  }

  /** Removes what processes that are no more have left where they created stores. */
  sweep(): void {
    for (const name of listNames(this.creationDir)) sweepTempFiles(join(this.creationDir, name));
  }

  /**
   * Lets other processes see that the store in a directory has got an id: they look for ids anew when that in which all stores
   * are has changed. Where it cannot be touched, they do so within a second or so.
   */
  announceId(dir: string): void {
    const now = new Date();
    try {
      utimesSync(dirname(dir), now, now);
    } catch (error) {
      if (!isFileError(error)) throw error;
    }
  }

  /** Replaces the metadata of a store whose gate is held: through its passage, so that who has lost the gate cannot. */
  write(dir: string, metadata: StoreMetadata, passage: Passage): void {
    this.#replace(smallTempFile(formatMetadata(metadata), this.#durability).enter(passage), dir);
  }

  #replace(temp: string, dir: string): void {
    replaceFile(temp, join(dir, METADATA_FILE), this.#durability);
  }
}

function readIfThere(path: string): StoreMetadata | undefined {
  try {
    return parseMetadata(readDescriptionAt(path), path);
  } catch (error) {
    if (!isFileError(error, 'ENOENT', 'ELOOP')) throw error;
    // It is not missing: nothing can be put there.
    if (isLink(path)) throw corruptMetadata(path, 'it is a link that leads nowhere', error);
    return undefined;
  }
}

function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
}

/** Tells whether the directory of a store takes `a` and `A` for one name. */
export function ignoresCase(dir: string): boolean {
  return existsSync(join(dir, METADATA_FILE.toUpperCase()));
}

/** Makes the metadata of a store that is created now. */
export function newMetadata(identity: Pick<StoreMetadata, 'id' | 'name' | 'alias' | 'layout'>): StoreMetadata {
  const now = new Date().toISOString();
  // Apify SDK 2 for Python does not open a store that is nobody's.
  const owner = identity.layout === 'crawlee' ? { userId: '1' } : {};
  return { ...identity, ...owner, createdAt: now, modifiedAt: now, accessedAt: now };
}

function parseMetadata(text: string, path: string): StoreMetadata {
  let parsed: Record<string, unknown>;
  try {
    parsed = Object(JSON.parse(text)) as Record<string, unknown>;
  } catch (cause) {
    throw corruptMetadata(path, 'it is not JSON', cause);
  }
  if (typeof parsed['id'] !== 'string') throw corruptMetadata(path, 'it has no "id"');
  const { name } = parsed;
  const dates = {
    createdAt: date(parsed, 'created'),
    modifiedAt: date(parsed, 'modified'),
    accessedAt: date(parsed, 'accessed'),
  };
  const layout = layoutOf(parsed);
  return { ...parsed, id: parsed['id'], name: typeof name === 'string' ? name : null, ...dates, layout };
}

/** Takes the date as either spelling of Apify's tools has it; a store without one was used at the beginning of time. */
function date(parsed: Record<string, unknown>, event: string): string {
  const value = new Date(String(parsed[`${event}At`] ?? parsed[`${event}_at`]));
  return Number.isNaN(value.getTime()) ? new Date(0).toISOString() : value.toISOString();
}

function corruptMetadata(path: string, problem: string, cause?: unknown): KvError {
  return new KvError(
    'KV_STORAGE_CORRUPT',
    `The file ${path} does not describe a store: ${problem}. Mend it, or delete it: a store that is opened by name keeps its records and gets a new id.`,
    { details: { path }, ...(cause === undefined ? {} : { cause }) },
  );
}
