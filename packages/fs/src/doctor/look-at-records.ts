import { statSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { isKvError } from '@kv/core';
import { isFileError } from '../io/file-error.js';
import { adoptFile } from '../layout/adopted-file.js';
import { encodeStem } from '../layout/file-stem.js';
import { isSidecarName, METADATA_FILE, sidecarStem } from '../layout/sidecar.js';
import { resolveRecord } from '../record/resolve-record.js';
import { HandPlacedKeys } from '../record/hand-placed-keys.js';
import { directoryMark } from '../store/store-directory.js';
import type { StoreDirectory } from '../store/store-directory.js';
import { brokenSidecarProblem } from './broken-sidecar.js';
import { isForeign } from './is-foreign.js';
import { jsonProblem } from './json-problem.js';
import { fileKind } from './file-kind.js';
import type { FileKind } from './file-kind.js';
import { tempProblem } from './look-at-temp-files.js';
import type { SeenStore } from './look-at-stores.js';
import { markOf } from './problem.js';
import type { Problem, SyncProblem } from './problem.js';
import type { SeenRecords } from './seen-records.js';
import { readSidecars } from './seen-sidecars.js';
import type { SeenSidecars } from './seen-sidecars.js';
import { accessProblem } from './site.js';
import type { Site } from './site.js';
import { hasCaseTags } from './store-identity.js';
import { isValueNameOf, orphanPattern } from './value-names.js';

const KEYS_AT_ONCE = 50;

/** Looks at every file of a store as a reader does, and then at those that no reader gets. */
export async function lookAtRecords(site: Site, seen: SeenStore): Promise<{ count: number; problems: Problem[] }> {
  const { place, path, fileNames, metadata } = seen;
  if (isForeign(path)) return { count: 0, problems: [{ ...foreignStore(path), store: place }] };
  const ignoresCase = metadata ? metadata.ignoresCase === true : hasCaseTags(fileNames);
  const store = storeDirectory(site, seen, ignoresCase);
  const kinds = new Map(fileNames.map((name) => [name, fileKind(join(path, name))]));
  const regular = fileNames.filter((name) => kinds.get(name) === 'file');
  const sidecars = readSidecars(store, fileNames);
  const served = new Map<string, string>();
  const records: SeenRecords = { site, store, sidecars, served };
  const problems: (SyncProblem | undefined)[] = [];
  const keys = [...keysOf(regular, sidecars, ignoresCase)];
  for (const [index, key] of keys.entries()) {
    if (index % KEYS_AT_ONCE === 0) await breathe(site);
    const value = findValue(records, key);
    if (!value) continue;
    served.set(value.name, key);
    problems.push(await recordProblem(records, { key, ...value }));
  }
  for (const [name, kind] of kinds) problems.push(fileProblem(records, name, kind));
  const found = problems.filter((problem) => problem !== undefined);
  return {
    count: served.size,
    problems: found.map((problem) => ({ ...problem, ...aloneIn(records, problem), store: place })),
  };
}

function storeDirectory({ stores }: Site, seen: SeenStore, ignoresCase: boolean): StoreDirectory {
  const { place, path, metadata } = seen;
  const id = metadata?.id ?? '';
  const handPlaced = new HandPlacedKeys(ignoresCase);
  return {
    id,
    path,
    layout: 'kv',
    ignoresCase,
    handPlaced,
    gate: stores.gates.of(place, id),
    durability: 'fsync',
    mark: directoryMark(path),
    readId: () => id,
  };
}

/** Repairs while no other process can change the store. One that has no id has never been opened as it is. */
function aloneIn({ site, store }: SeenRecords, { repair }: SyncProblem): Pick<Problem, 'repair'> {
  return store.id === '' || !repair ? {} : { repair: () => store.gate.hold(site.signal, repair) };
}

function foreignStore(path: string): Problem {
  return {
    code: 'foreign-store',
    path,
    message: `Another tool keeps the store in ${path}: its records are not examined.`,
  };
}

async function breathe({ signal }: Site): Promise<void> {
  await setImmediate();
  signal?.throwIfAborted();
}

function keysOf(fileNames: readonly string[], { sound }: SeenSidecars, ignoresCase: boolean): Set<string> {
  const adopted = fileNames.map((name) => adoptFile(name, ignoresCase)?.key).filter((key) => key !== undefined);
  return new Set([...[...sound.values()].map(({ key }) => key), ...adopted]);
}

interface FoundValue {
  readonly name: string;
  readonly path: string;
  readonly contentType: string;
  readonly size: number;
}

function findValue({ store, sidecars }: SeenRecords, key: string): FoundValue | undefined {
  if (sidecars.broken.has(encodeStem(key, store.ignoresCase).text)) return undefined;
  try {
    const record = resolveRecord(store, key, {
      use: (path) => (fileKind(path) === 'file' ? statSync(path).size : undefined),
    });
    return record && { name: record.name, path: record.path, contentType: record.contentType, size: record.result };
  } catch (error) {
    // What stands in the way of this record is a finding of its own.
    const isDamage = isKvError(error, 'KV_RECORD_CORRUPT') || isKvError(error, 'KV_ACCESS_DENIED');
    if (isDamage || isFileError(error)) return undefined;
    throw error;
  }
}

/** Tells why a record that is there cannot be read. */
async function recordProblem(
  { site, store }: SeenRecords,
  record: FoundValue & { readonly key: string },
): Promise<SyncProblem | undefined> {
  const { key, path } = record;
  const denied = accessProblem(path, false);
  if (denied) return { ...denied, key };
  try {
    return await jsonProblem(site, store, record);
  } catch (error) {
    if (!isFileError(error)) throw error;
    return { code: 'access-denied', path, key, message: `${path} cannot be read: ${error.message}.` };
  }
}

/** Tells why a file of a store is not a value that somebody reads. */
function fileProblem(records: SeenRecords, name: string, kind: FileKind): SyncProblem | undefined {
  const { served, store } = records;
  const path = join(store.path, name);
  if (name === METADATA_FILE || served.has(name) || markOf(path) === undefined) return undefined;
  // Where a store lies on a device of its own, its temp files are hidden beside the records.
  if (name.startsWith('.')) return tempProblem(path, name.slice(1)) ?? noRecord(path);
  if (kind !== 'file') return blockedProblem(records, name, kind);
  return isSidecarName(name) ? sidecarProblem(records, name) : valueProblem(records, name);
}

function blockedProblem({ site, store }: SeenRecords, name: string, kind: FileKind): SyncProblem | undefined {
  const path = join(store.path, name);
  const isInTheWay = isSidecarName(name) || adoptFile(name, store.ignoresCase) !== undefined;
  // A directory `photo` is in nobody's way: the value of that key has an extension.
  if (!isInTheWay || (kind === 'directory' && !name.endsWith('.json'))) return noRecord(path);
  const mark = markOf(path);
  const message = `${path} is no file: the record of this name cannot be read or written.`;
  return { code: 'blocked-name', path, message, repair: () => site.quarantine.take(path, mark) };
}

function sidecarProblem(records: SeenRecords, name: string): SyncProblem | undefined {
  const { sidecars, served, store } = records;
  const stem = sidecarStem(name);
  const broken = sidecars.broken.get(stem);
  if (broken) return brokenSidecarProblem(records, stem, broken);
  const sidecar = sidecars.sound.get(stem);
  if (!sidecar || served.has(sidecar.file)) return undefined;
  const message = `The sidecar ${join(store.path, name)} names a file that does not exist.`;
  return { ...leftOver(records, name, message), key: sidecar.key };
}

/** The file exists, looks like a value, and is not what any reader finds. */
function valueProblem(records: SeenRecords, name: string): SyncProblem | undefined {
  const { sidecars, store, site } = records;
  const path = join(store.path, name);
  if ([...sidecars.broken.keys()].some((stem) => isValueNameOf(name, stem))) return undefined;
  const owner = sidecars.sound.get(sidecars.owners.get(name) ?? '');
  const claimed = `${path} is claimed by a sidecar, but not its value.`;
  if (owner) return { ...leftOver(records, name, claimed), key: owner.key };
  const key = adoptFile(name, store.ignoresCase)?.key;
  if (key !== undefined) {
    const isReplaced = sidecars.sound.has(encodeStem(key, store.ignoresCase).text);
    if (isReplaced) return { ...leftOver(records, name, `${path} is hidden by the value that a sidecar names.`), key };
    return { code: 'hidden-file', path, key, message: `${path} is hidden by another file of its key.` };
  }
  if (!orphanPattern.test(name)) return noRecord(path);
  const mark = markOf(path);
  const message = `${path} is a value that no sidecar names.`;
  return { code: 'orphan-value', path, message, repair: () => site.quarantine.take(path, mark) };
}

function leftOver({ site, store }: SeenRecords, name: string, message: string): SyncProblem {
  const path = join(store.path, name);
  const mark = markOf(path);
  return { code: 'unfinished-write', path, message, repair: () => site.quarantine.take(path, mark) };
}

function noRecord(path: string): SyncProblem {
  return { code: 'no-record', path, message: `${path} is no record: no key is written so.` };
}
