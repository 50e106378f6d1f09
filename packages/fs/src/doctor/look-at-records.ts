import { join } from 'node:path';
import { adoptFile } from '../layout/adopted-file.js';
import { encodeStem } from '../layout/file-stem.js';
import { isSidecarName, METADATA_FILE, sidecarStem } from '../layout/sidecar.js';
import { brokenSidecarProblem } from './broken-sidecar.js';
import { fileKind } from './file-kind.js';
import type { FileKind } from './file-kind.js';
import { findValue, valueProblem } from './found-value.js';
import { jsonProblem } from './json-problem.js';
import { layoutIn } from './layout-in.js';
import { lookAtForeignRecords } from './look-at-foreign-records.js';
import { tempProblem } from './look-at-temp-files.js';
import type { SeenStore } from './look-at-stores.js';
import { markOf } from './problem.js';
import type { Problem, SyncProblem } from './problem.js';
import { breathe, repairedAlone, seenDirectory } from './seen-directory.js';
import type { SeenRecords } from './seen-records.js';
import { readSidecars } from './seen-sidecars.js';
import type { SeenSidecars } from './seen-sidecars.js';
import type { Site } from './site.js';
import { unreadableNameProblem } from './unreadable-name.js';
import { isValueNameOf, orphanPattern } from './value-names.js';

const KEYS_AT_ONCE = 50;

/** Looks at every file of a store as a reader does, and then at those that no reader gets. */
export async function lookAtRecords(site: Site, seen: SeenStore): Promise<{ count: number; problems: Problem[] }> {
  const { place, path, fileNames } = seen;
  const layout = layoutIn(path, fileNames);
  if (layout !== 'kv') return lookAtForeignRecords(site, seen, layout);
  const store = seenDirectory(site, seen, layout);
  const kinds = new Map(fileNames.map((name) => [name, fileKind(join(path, name))]));
  const regular = fileNames.filter((name) => kinds.get(name) === 'file');
  const sidecars = readSidecars(store, fileNames);
  const served = new Map<string, string>();
  const records: SeenRecords = { site, store, sidecars, served };
  const problems: (SyncProblem | undefined)[] = [];
  const keys = [...keysOf(regular, sidecars, store.ignoresCase)];
  for (const [index, key] of keys.entries()) {
    if (index % KEYS_AT_ONCE === 0) await breathe(site);
    const isBroken = sidecars.broken.has(encodeStem(key, store.ignoresCase).text);
    const value = isBroken ? undefined : findValue(store, key);
    if (!value) continue;
    served.set(value.name, key);
    problems.push(await valueProblem(value, async () => jsonProblem(site, store, value)));
  }
  for (const [name, kind] of kinds) problems.push(fileProblem(records, name, kind));
  const found = problems.filter((problem) => problem !== undefined);
  return {
    count: served.size,
    problems: found.map((problem) => ({ ...repairedAlone(site, store, problem), store: place })),
  };
}

function keysOf(fileNames: readonly string[], { sound }: SeenSidecars, ignoresCase: boolean): Set<string> {
  const adopted = fileNames.map((name) => adoptFile(name, ignoresCase)?.key).filter((key) => key !== undefined);
  return new Set([...[...sound.values()].map(({ key }) => key), ...adopted]);
}

/** Tells why a file of a store is not a value that somebody reads. */
function fileProblem(records: SeenRecords, name: string, kind: FileKind): SyncProblem | undefined {
  const { served, store } = records;
  const path = join(store.path, name);
  if (name === METADATA_FILE || served.has(name)) return undefined;
  if (markOf(path) === undefined) return unreadableNameProblem(path);
  // Where a store lies on a device of its own, its temp files are hidden beside the records.
  if (name.startsWith('.')) return tempProblem(path, name.slice(1)) ?? noRecord(path);
  if (kind !== 'file') return blockedProblem(records, name, kind);
  return isSidecarName(name) ? sidecarProblem(records, name) : otherProblem(records, name);
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
function otherProblem(records: SeenRecords, name: string): SyncProblem | undefined {
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
