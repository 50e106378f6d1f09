import { lstatSync, readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isKvError } from '@kv/core';
import { isFileError, toKvError } from '../io/file-error.js';
import { assertDirectoryExists } from './assert-directory-exists.js';
import type { DoctorFinding, DoctorOptions, DoctorReport } from './doctor-report.js';
import { FINDING_KINDS } from './finding-kinds.js';
import type { DoctorFindingCode } from './finding-kinds.js';
import { lookAtOwnDirectories } from './look-at-own-directories.js';
import { lookAtRecords } from './look-at-records.js';
import { lookAtStores } from './look-at-stores.js';
import { lookAtTempFiles } from './look-at-temp-files.js';
import { markOf } from './problem.js';
import type { Problem } from './problem.js';
import { accessProblem, createSite } from './site.js';
import type { Site } from './site.js';

/** What is changed by nobody who writes records. */
const STEADY: ReadonlySet<DoctorFindingCode> = new Set([
  'access-denied',
  'blocked-directory',
  'foreign-store',
  'live-temp-file',
  'no-record',
  'read-only',
  'store-link',
  'temp-file',
  'trash',
  'unreadable-name',
]);
// The steps of a write follow each other at once: what stays for so long, nobody is at.
const SETTLE_MILLIS = 1000;
// One repair may bring to light what another one is for.
const MAX_PASSES = 5;

/**
 * Looks for damage in a storage directory, explains what it finds, and repairs it if asked to.
 *
 * It reads every file, opens nothing and, without `repair`, writes nothing. Other processes may go on reading and writing
 * meanwhile; what one of them is just doing is no finding. JSON records of more than 64 MiB are not parsed.
 *
 * A repair deletes nothing but temp files of writers that are no more, and gates of stores that are gone. What cannot stay where it is moves to
 * `{dir}/.kv/quarantine/`, under its path. A second repair finds nothing more to do.
 *
 * @throws `TypeError` when an option has the wrong type.
 * @throws {@link KvError} `KV_STORAGE_NOT_FOUND` when there is no such directory, `KV_ACCESS_DENIED` when it cannot be read.
 *
 * @example
 * ```ts
 * import { mkdirSync, writeFileSync } from 'node:fs';
 * import { doctor } from '@kv/fs';
 *
 * mkdirSync('./storage/key_value_stores/default', { recursive: true });
 * writeFileSync('./storage/key_value_stores/default/STATE.json', '{"page": 1');
 *
 * const { findings } = await doctor({ dir: './storage', repair: true });
 * for (const { code, isRepaired, remedy } of findings) console.log(code, isRepaired, remedy);
 * ```
 */
export async function doctor(options: DoctorOptions): Promise<DoctorReport> {
  const { dir, repair = false, signal } = options;
  if (typeof dir !== 'string' || dir === '') throw new TypeError('The option "dir" must be the path of a directory.');
  if (typeof repair !== 'boolean') throw new TypeError('The option "repair" must be true or false.');
  signal?.throwIfAborted();
  const root = resolve(dir);
  assertDirectoryExists(root);
  try {
    readdirSync(root);
    return await treat(createSite(root, signal), repair);
  } catch (error) {
    throw toKvError(error, root);
  }
}

interface Look {
  readonly stores: number;
  readonly records: number;
  readonly problems: readonly Problem[];
}

async function treat(site: Site, isRepairing: boolean): Promise<DoctorReport> {
  const repaired: DoctorFinding[] = [];
  for (let pass = 1; ; pass += 1) {
    const { problems, stores, records } = await lookTwice(site);
    const left: DoctorFinding[] = [];
    let isChanged = false;
    for (const problem of problems) {
      const finding = isRepairing && pass <= MAX_PASSES ? await mend(problem) : toFinding(problem, false);
      isChanged ||= finding.isRepaired;
      (finding.isRepaired ? repaired : left).push(finding);
    }
    if (isChanged) continue;
    const findings = [...repaired, ...left].toSorted((a, b) => (a.path < b.path ? -1 : 1));
    const { path: quarantine } = site.quarantine;
    return { dir: site.root, stores, records, findings, ...(quarantine === undefined ? {} : { quarantine }) };
  }
}

/** What two looks agree on is no step of a live writer. */
async function lookTwice(site: Site): Promise<Look> {
  const first = await look(site);
  const unsteady = first.problems.filter(({ code }) => !STEADY.has(code));
  if (unsteady.length === 0) return first;
  const seen = new Set(first.problems.map(identityOf));
  await sleep(Math.max(...unsteady.map(millisToSettle)), undefined, site.signal ? { signal: site.signal } : {});
  const second = await look(site);
  return { ...second, problems: second.problems.filter((problem) => seen.has(identityOf(problem))) };
}

async function look(site: Site): Promise<Look> {
  const { stores, problems: ofStores } = lookAtStores(site);
  const places = [site.root, site.storesDir].map((path) => accessProblem(path, true));
  // The quarantine comes first: the repair of all else may need it.
  const problems = [
    ...lookAtOwnDirectories(site),
    ...places.filter((problem) => problem !== undefined),
    ...lookAtTempFiles(site),
    ...ofStores,
  ];
  let records = 0;
  for (const store of stores) {
    const seen = await lookAtRecords(site, store).catch(ignoreGoneStore);
    records += seen?.count ?? 0;
    problems.push(...(seen?.problems ?? []));
  }
  return { stores: stores.length, records, problems };
}

/** Another process may drop a store at any time. */
function ignoreGoneStore(error: unknown): undefined {
  if (!isKvError(error, 'KV_STORAGE_NOT_FOUND')) throw error;
}

function identityOf({ code, path }: Problem): string {
  return JSON.stringify([code, path, STEADY.has(code) ? undefined : markOf(path)]);
}

function millisToSettle({ path }: Problem): number {
  const age = Date.now() - (lstatSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0);
  return age < 0 ? SETTLE_MILLIS : Math.max(0, SETTLE_MILLIS - age);
}

async function mend(problem: Problem): Promise<DoctorFinding> {
  try {
    return toFinding(problem, (await problem.repair?.()) === true);
  } catch (error) {
    if (!isFileError(error) && !isKvError(error)) throw error;
    return toFinding({ ...problem, message: `${problem.message} It cannot be repaired: ${error.message}` }, false);
  }
}

function toFinding(problem: Problem, isRepaired: boolean): DoctorFinding {
  const { code, path, store, key, message } = problem;
  const { severity, remedy: usual } = FINDING_KINDS[code];
  return {
    code,
    severity,
    ...(store === undefined ? {} : { store }),
    ...(key === undefined ? {} : { key }),
    path,
    message,
    remedy: problem.remedy ?? usual,
    isRepaired,
  };
}
