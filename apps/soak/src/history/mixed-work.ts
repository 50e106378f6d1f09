import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createBackend } from '@kv/fs';
import { Children } from '../children.ts';
import { CONTENT_TYPES } from '../content-types.ts';
import { MIN_VALUE_BYTES, readStamp, stampedBytes } from '../stamped-value.ts';
import { inTempDir } from '../temp-dir.ts';
import { checkListing } from './check-listing.ts';
import { findNonLinearizable } from './linearizable.ts';
import type { RegisterOperation } from './linearizable.ts';
import { clock, HOT_KEYS, STILL_KEYS } from './work-log.ts';
import type { WorkClass, WorkEntry, WorkOrder } from './work-log.ts';

const WORK_CHILD = join(import.meta.dirname, 'work-child.ts');

/** Options of {@link runMixedWork}. */
export interface MixedWorkOptions {
  readonly workClass: WorkClass;
  readonly processes: number;
  readonly order: WorkOrder;
  readonly seed: number;
}

/** What several processes have done to one directory. */
export interface MixedWorkFigures {
  readonly reads: number;
  readonly writes: number;
  readonly conditional: number;
  /** Of the conditional writes, those that somebody else forestalled. */
  readonly forestalled: number;
  /** Operations on a key while another process was at the same key. */
  readonly overlapping: number;
  readonly listings: number;
  readonly newStores: number;
  readonly busy: number;
}

/**
 * Lets several processes work on one store at once, and looks whether what they have seen can have happened.
 *
 * @throws Error with what cannot, and the directory, which is kept.
 */
export async function runMixedWork(options: MixedWorkOptions): Promise<MixedWorkFigures> {
  return inTempDir(async (dir) => {
    const storage = join(dir, 'storage');
    await prepare(storage);
    const entries = [...(await work(dir, storage, options)), ...(await finalReads(storage))];
    const histories = Map.groupBy(operationsOf(entries), ({ key }) => key);
    const problems = [
      ...[...histories].flatMap(([key, history]) => explain(key, history)),
      ...(await storeProblems(storage, entries)),
      ...entries.flatMap((entry) => (entry.type === 'problem' ? [entry.text] : [])),
    ];
    if (problems.length > 0) {
      throw new Error(`${problems.length} problems in ${dir}:\n${problems.slice(0, 10).join('\n')}`);
    }
    return figuresOf(entries, histories);
  });
}

async function prepare(dir: string): Promise<void> {
  await using backend = createBackend({ dir });
  const store = await backend.openKeyValueStore({ name: 'shared' });
  for (const [index, key] of STILL_KEYS.entries()) {
    const contentType = CONTENT_TYPES[index % CONTENT_TYPES.length] as string;
    await store.setRecord({ key, contentType, value: stampedBytes({ id: key, contentType, size: MIN_VALUE_BYTES }) });
  }
}

async function work(dir: string, storage: string, options: MixedWorkOptions): Promise<WorkEntry[]> {
  const { workClass, processes, order, seed } = options;
  const logs = Array.from({ length: processes }, (_, index) => join(dir, `log-${index}`));
  await using children = new Children();
  const start = async (log: string, index: number): Promise<unknown> =>
    children.start(WORK_CHILD, [storage, log, workClass, `w${index}`, String(seed * 1000 + index * 10)]);
  await Promise.all(logs.map(start));
  await children.ask(order);
  return logs.flatMap((log) => {
    const lines = readFileSync(log, 'utf8').trimEnd().split('\n');
    return lines.map((line) => JSON.parse(line) as WorkEntry);
  });
}

type KeyedOperation = Extract<WorkEntry, { type: 'operation' }>;

function operationsOf(entries: readonly WorkEntry[]): KeyedOperation[] {
  return entries.filter((entry) => entry.type === 'operation');
}

/** What is there in the end is one more read of each key: an acknowledged write that is lost shows here at the latest. */
async function finalReads(dir: string): Promise<WorkEntry[]> {
  await using backend = createBackend({ dir });
  const store = await backend.openKeyValueStore({ name: 'shared' });
  const reads = HOT_KEYS.map(async (key): Promise<WorkEntry> => {
    const start = clock();
    try {
      const record = await store.getRecord(key);
      const value = record && readStamp(record.value, record.contentType).id;
      return { type: 'operation', key, start, end: clock(), action: { type: 'read', value } };
    } catch (error) {
      return { type: 'problem', text: `in the end ${key}: ${String(error)}` };
    }
  });
  return await Promise.all(reads);
}

function explain(key: string, history: readonly RegisterOperation[]): string[] {
  const misfit = findNonLinearizable(history);
  if (!misfit) return [];
  const earlier = history.filter(({ start }) => start <= misfit.end).toSorted((one, other) => one.end - other.end);
  const lines = earlier.slice(-20).map((operation) => JSON.stringify(operation));
  return [`${key}: no order explains ${JSON.stringify(misfit)}; around it:\n  ${lines.join('\n  ')}`];
}

/** One name is one store with one id, whoever opened it when; and nothing is listed in the end that nobody wrote. */
async function storeProblems(dir: string, entries: readonly WorkEntry[]): Promise<string[]> {
  await using backend = createBackend({ dir });
  const shared = await backend.openKeyValueStore({ name: 'shared' });
  const listing = await checkListing(shared, 1000).then(
    () => [],
    (error: unknown) => [`in the end ${String(error)}`],
  );
  const listed = Map.groupBy(await backend.listKeyValueStores(), ({ name }) => name ?? '');
  const opened = Map.groupBy(
    entries.filter((entry) => entry.type === 'opened'),
    ({ name }) => name,
  );
  const names = [...opened].flatMap(([name, openings]) => {
    const ids = new Set([...openings, ...(listed.get(name) ?? [])].map(({ id }) => id));
    return ids.size === 1 && listed.get(name)?.length === 1
      ? []
      : [`the name ${name} has the ids ${[...ids].join(', ')}`];
  });
  return [...listing, ...names];
}

function figuresOf(
  entries: readonly WorkEntry[],
  histories: ReadonlyMap<string, readonly RegisterOperation[]>,
): MixedWorkFigures {
  const actions = operationsOf(entries).map(({ action }) => action);
  const count = (type: WorkEntry['type']): number => entries.filter((entry) => entry.type === type).length;
  const conditional = actions.filter((action) => action.type === 'replace');
  return {
    reads: actions.filter(({ type }) => type === 'read').length,
    writes: actions.filter(({ type }) => type === 'write').length,
    conditional: conditional.length,
    forestalled: conditional.filter(({ isDone }) => !isDone).length,
    overlapping: [...histories.values()].reduce((sum, history) => sum + countOverlapping(history), 0),
    listings: count('listed'),
    newStores: new Set(entries.flatMap((entry) => (entry.type === 'opened' ? entry.name : []))).size,
    busy: count('busy'),
  };
}

function countOverlapping(history: readonly RegisterOperation[]): number {
  let latestEnd = 0;
  let count = 0;
  for (const { start, end } of history.toSorted((one, other) => one.start - other.start)) {
    if (start < latestEnd) count += 1;
    latestEnd = Math.max(latestEnd, end);
  }
  return count;
}
