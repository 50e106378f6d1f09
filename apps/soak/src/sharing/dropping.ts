import { join } from 'node:path';
import { Children } from '../children.ts';
import { inTempDir } from '../temp-dir.ts';
import { SHARE_CHILD } from './share-child-path.ts';

/** Why work on a store may end early: another process has dropped it, or holds it for too long. */
const DOCUMENTED: ReadonlySet<string> = new Set(['KV_STORAGE_NOT_FOUND', 'KV_STORAGE_BUSY']);

/** What one process saw of one life of a store: from its opening to its drop, or to its end by another process. */
export interface Life {
  /** Empty when the store did not open. */
  id: string;
  readonly openedAt: number;
  /** When it had been opened. */
  readyAt?: number;
  /** What the record said that holds the id of the store it was written to. */
  readonly read: string[];
  droppedAt?: number;
  error?: string;
}

/** What processes that drop a store under each other have seen. */
export interface DroppingFigures {
  readonly processes: number;
  readonly opened: number;
  readonly stores: number;
  readonly dropped: number;
  /** Work that was cut short, mostly because another process had dropped the store. */
  readonly cutShort: number;
}

/**
 * Lets several processes open, use and drop a store of one name.
 *
 * A handle of a store that another process has dropped may read the records of the one that was made after it under the same
 * name, as the README of `@kv/fs` says; what it writes never gets there.
 *
 * @throws Error when a store that was dropped is opened once more, when a record is found in a store that was made after the
 * one it was written to, when two processes have dropped one store, or at an error that is not documented.
 */
export async function runDropping(processes: number, rounds: number, seed: number): Promise<DroppingFigures> {
  return inTempDir(async (dir) => {
    await using children = new Children();
    const start = async (_: unknown, index: number): Promise<unknown> =>
      children.start(SHARE_CHILD, ['drop', join(dir, 'storage'), String(seed + index), String(rounds)]);
    await Promise.all(Array.from({ length: processes }, start));
    const lives = (await children.ask<Life[]>('begin')).flat();
    const problems = findLifeProblems(lives);
    if (problems.length > 0)
      throw new Error(`${problems.length} problems in ${dir}:\n${problems.slice(0, 10).join('\n')}`);
    return {
      processes,
      opened: lives.length,
      stores: new Set(lives.map(({ id }) => id)).size,
      dropped: lives.filter(({ droppedAt }) => droppedAt !== undefined).length,
      cutShort: lives.filter(({ error }) => error !== undefined).length,
    };
  });
}

function findLifeProblems(lives: readonly Life[]): string[] {
  const problems: string[] = [];
  // A store that was there before anyone who has opened the other one began to is the older of the two.
  const starts = new Map<string, number>();
  const ends = new Map<string, number>();
  for (const { id, openedAt, readyAt = Infinity } of lives) {
    starts.set(id, Math.min(openedAt, starts.get(id) ?? Infinity));
    ends.set(id, Math.min(readyAt, ends.get(id) ?? Infinity));
  }
  for (const [id, sights] of Map.groupBy(lives, (life) => life.id)) {
    const drops = sights.flatMap(({ droppedAt }) => droppedAt ?? []);
    if (drops.length > 1) problems.push(`the store ${id} was dropped ${drops.length} times`);
    const late = sights.filter(({ openedAt }) => openedAt > Math.min(...drops));
    if (late.length > 0) problems.push(`the store ${id} was opened ${late.length} times after its drop`);
    const start = starts.get(id) ?? 0;
    const older = sights.flatMap(({ read }) => read.filter((value) => (ends.get(value) ?? 0) < start));
    if (older.length > 0)
      problems.push(`the store ${id} has ${older.length} records of stores before it, such as of ${older[0]}`);
    const errors = sights.flatMap(({ error }) => (error === undefined || DOCUMENTED.has(error) ? [] : error));
    problems.push(...errors.map((error) => `the store ${id} failed with ${error}`));
  }
  return problems;
}
