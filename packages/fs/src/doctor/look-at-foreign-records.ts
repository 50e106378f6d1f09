import { extname, join } from 'node:path';
import { isKvError, isRecordKey } from '@kv/core';
import { foreignKeys } from '../foreign/foreign-keys.js';
import { readForeignSidecar, statedKey } from '../foreign/foreign-sidecar.js';
import type { FoundForeignSidecar } from '../foreign/foreign-sidecar.js';
import type { LayoutName } from '../foreign/layout-name.js';
import { isFile } from '../io/is-file.js';
import { isFileError } from '../io/file-error.js';
import { ADOPTED_EXTENSIONS } from '../layout/adopted-file.js';
import { isSidecarName, METADATA_FILE, sidecarName, sidecarStem } from '../layout/sidecar.js';
import type { StoreDirectory } from '../store/store-directory.js';
import { foreignJsonProblem } from './foreign-json-problem.js';
import { findValue, valueProblem } from './found-value.js';
import type { FoundValue } from './found-value.js';
import type { SeenStore } from './look-at-stores.js';
import { tempProblem } from './look-at-temp-files.js';
import { markOf } from './problem.js';
import type { Problem, SyncProblem } from './problem.js';
import { breathe, repairedAlone, seenDirectory } from './seen-directory.js';
import type { Site } from './site.js';
import { unreadableNameProblem } from './unreadable-name.js';

const KEYS_AT_ONCE = 50;
const LEFT_TO_ITS_TOOL = 'Nothing: the tool that made the store may read it. Mend it there, or write the record anew.';
// What kv writes where the other tools have no name for a key.
const HASHED = /\+[0-9a-f]{40}(\.\w+)?$/;

/**
 * Looks at the records of a store in the layout of another tool, as a reader does. A repair moves what that tool cannot read
 * either; all else it leaves alone.
 */
export async function lookAtForeignRecords(
  site: Site,
  seen: SeenStore,
  layout: LayoutName,
): Promise<{ count: number; problems: Problem[] }> {
  const { place, path, fileNames } = seen;
  const store = seenDirectory(site, seen, layout);
  const stems = fileNames.filter((name) => isSidecarName(name) && name !== METADATA_FILE).map(sidecarStem);
  const sidecars = stems.map((stem) => readSidecar(site, store, stem));
  const sound = sidecars.filter(isSound);
  const values = await readValues(site, store, fileNames);
  const named = new Set(sound.flatMap(filesOf));
  const records = { site, store, named, served: new Set(values.map(({ name }) => name)) };
  const problems = [
    foreignStore(path),
    ...sidecars.map((sidecar) => (isSound(sidecar) ? missingValue(records, sidecar) : sidecar)),
    ...fileNames.map((name) => fileProblem(records, name)),
  ];
  for (const [index, value] of values.entries()) {
    if (index % KEYS_AT_ONCE === 0) await breathe(site);
    problems.push(await valueProblem(value, async () => foreignJsonProblem(site, store, value)));
  }
  return {
    count: values.length,
    problems: problems
      .filter((problem) => problem !== undefined)
      .map((problem) => ({ ...repairedAlone(site, store, problem), store: place })),
  };
}

interface SeenForeignRecords {
  readonly site: Site;
  readonly store: StoreDirectory;
  /** Names of the files that sidecars speak of. */
  readonly named: ReadonlySet<string>;
  /** Names of the files that are read as values. */
  readonly served: ReadonlySet<string>;
}

function isSound(seen: FoundForeignSidecar | SyncProblem | undefined): seen is FoundForeignSidecar {
  return seen !== undefined && 'files' in seen;
}

function filesOf({ files, replaces }: FoundForeignSidecar): string[] {
  return [...files, ...(replaces ? [replaces.file] : [])];
}

function foreignStore(path: string): SyncProblem {
  return { code: 'foreign-store', path, message: `The store in ${path} has the layout of another tool.` };
}

async function readValues(site: Site, store: StoreDirectory, fileNames: readonly string[]): Promise<FoundValue[]> {
  const values: FoundValue[] = [];
  for (const [index, key] of [...foreignKeys(store, fileNames)].entries()) {
    if (index % KEYS_AT_ONCE === 0) await breathe(site);
    const value = findValue(store, key);
    if (value) values.push(value);
  }
  return values;
}

function readSidecar(site: Site, store: StoreDirectory, stem: string): FoundForeignSidecar | SyncProblem | undefined {
  const path = join(store.path, sidecarName(stem));
  try {
    return readForeignSidecar(store.path, stem);
  } catch (error) {
    if (isKvError(error, 'KV_RECORD_CORRUPT')) return damagedSidecar(site, store, stem, error);
    if (!isKvError(error, 'KV_ACCESS_DENIED') && !isFileError(error)) throw error;
    return { code: 'access-denied', path, message: `The sidecar ${path} cannot be read: ${error.message}` };
  }
}

/** What is no JSON, no tool can read. All else is perhaps only not to be read by kv. */
function damagedSidecar({ quarantine }: Site, store: StoreDirectory, stem: string, error: Error): SyncProblem {
  const path = join(store.path, sidecarName(stem));
  const mark = markOf(path);
  if (error.cause instanceof SyntaxError) {
    return { code: 'sidecar-corrupt', path, message: error.message, repair: () => quarantine.take(path, mark) };
  }
  const key = statedKey(store.path, stem);
  if (key !== undefined && !isRecordKey(key)) {
    const message = `${path} has the key ${JSON.stringify(key)}, which is none of kv's: only the tool that wrote it reads it.`;
    return { code: 'no-record', path, message };
  }
  return { code: 'sidecar-corrupt', path, message: error.message, remedy: LEFT_TO_ITS_TOOL };
}

/** Tells when what a sidecar speaks of is not there. */
function missingValue({ site, store }: SeenForeignRecords, sidecar: FoundForeignSidecar): SyncProblem | undefined {
  const { key, stem } = sidecar;
  const names = filesOf(sidecar);
  if (names.some((name) => isFile(join(store.path, name)))) return undefined;
  const blocked = names.map((name) => join(store.path, name)).find((path) => markOf(path) !== undefined);
  const path = blocked ?? join(store.path, sidecarName(stem));
  const mark = markOf(path);
  const repair = (): boolean => site.quarantine.take(path, mark);
  if (blocked !== undefined) {
    const message = `${path} is no file: the record of this name cannot be read or written.`;
    return { code: 'blocked-name', path, key, message, repair };
  }
  const message = `The sidecar ${path} names a file that does not exist.`;
  return { code: 'unfinished-write', path, key, message, repair };
}

/** Tells why a file is not read as the value that it was written as. */
function fileProblem({ site, store, named, served }: SeenForeignRecords, name: string): SyncProblem | undefined {
  const path = join(store.path, name);
  if (name.startsWith('.')) return tempProblem(path, name.slice(1));
  if (named.has(name) || isSidecarName(name) || name === METADATA_FILE) return undefined;
  if (!isFile(path)) return unreadableNameProblem(path);
  if (served.has(name)) return hasSidecars(store) && !isPlacedByHand(name) ? sidecarMissing(path) : undefined;
  if (!HASHED.test(name) || markOf(join(store.path, sidecarName(name))) !== undefined) return undefined;
  const mark = markOf(path);
  const message = `${path} is a value that no sidecar names.`;
  return { code: 'orphan-value', path, message, repair: () => site.quarantine.take(path, mark) };
}

function sidecarMissing(path: string): SyncProblem {
  const message = `${path} has no sidecar: it is read as bytes, and not at all by some of the tools with this layout.`;
  return { code: 'sidecar-missing', path, message };
}

function hasSidecars({ layout }: StoreDirectory): boolean {
  return layout === 'crawlee' || layout === 'python';
}

function isPlacedByHand(name: string): boolean {
  const extension = extname(name).slice(1);
  return /^INPUT(\.|$)/.test(name) || (extension !== '' && ADOPTED_EXTENSIONS.includes(extension));
}
