import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, globSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { addFindings, leftFindings, NO_FINDINGS } from '../left-findings.ts';
import type { FindingCounts } from '../left-findings.ts';
import { Random } from '../random.ts';
import { inTempDir } from '../temp-dir.ts';
import { readJournal } from './journal.ts';
import type { JournalEntry } from './journal.ts';
import { observeWorld } from './observe-world.ts';
import { applyToWorld, findProblems } from './world.ts';
import type { World } from './world.ts';

/** Options of {@link runCrashMatrix}. */
export interface CrashOptions {
  /** One of `CRASH_KINDS`. */
  readonly kind: string;
  readonly kills: number;
  readonly seed: number;
}

/** What the kills of one kind have shown. */
export interface CrashFigures {
  readonly kills: number;
  /** Operations whose end the children have told. */
  readonly acknowledged: number;
  /** Kills that hit an operation between its beginning and its acknowledgement. */
  readonly inFlight: number;
  /** What the doctor has found after the kills, before anything else came by. */
  readonly findings: FindingCounts;
  /** Temp files that are still there after the last opening. */
  readonly tempFiles: number;
}

/** What a journal says: the models before and after the operation that was in flight, the same where there was none. */
interface Replay {
  readonly before: World;
  readonly after: World;
  readonly acknowledged: number;
  readonly isInFlight: boolean;
}

const MAX_MILLIS = 60;

/**
 * Kills a child that writes, looks at what it has left, and lets the next child go on with that, again and again.
 *
 * @throws Error with the first thing that is not as it must be, the seed and the directory, which is kept.
 */
export async function runCrashMatrix({ kind, kills, seed }: CrashOptions): Promise<CrashFigures> {
  return inTempDir(async (dir) => {
    const random = new Random(seed);
    const total = { acknowledged: 0, inFlight: 0 };
    let world: World = new Map();
    let findings = NO_FINDINGS;
    for (let kill = 0; kill < kills; kill += 1) {
      try {
        const replay = replayJournal(world, await killOne(dir, kind, seed * 100_000 + kill, random));
        findings = addFindings(findings, await findingsIn(join(dir, 'storage')));
        world = await observeWorld(join(dir, 'storage'));
        const problems = findProblems(replay.before, replay.after, world);
        if (problems.length > 0) throw new Error(problems.join('\n'));
        total.acknowledged += replay.acknowledged;
        total.inFlight += replay.isInFlight ? 1 : 0;
      } catch (cause) {
        throw new Error(`${kind}, seed ${seed}, kill ${kill}, in ${dir}: ${String(cause)}`, { cause });
      }
    }
    return { kills, ...total, findings, tempFiles: globSync('.kv/**/tmp/*', { cwd: join(dir, 'storage') }).length };
  });
}

/** Some are killed before they have made the directory. */
async function findingsIn(dir: string): Promise<FindingCounts> {
  return existsSync(dir) ? leftFindings(dir) : NO_FINDINGS;
}

/** Lets a child work for a random time, kills it, and gives its journal. */
async function killOne(dir: string, kind: string, seed: number, random: Random): Promise<JournalEntry[]> {
  const journal = join(dir, 'journal');
  rmSync(journal, { force: true });
  const path = join(import.meta.dirname, 'crash-child.ts');
  const child = fork(path, [join(dir, 'storage'), journal, kind, String(seed)]);
  const exit = once(child, 'exit');
  // Some die while they load and open, most in the middle of their work.
  if (random.chance(0.95)) await Promise.race([once(child, 'message'), exit]);
  await sleep(random.next() * MAX_MILLIS);
  child.kill('SIGKILL');
  await exit;
  return existsSync(journal) ? readJournal(journal) : [];
}

function replayJournal(start: World, entries: readonly JournalEntry[]): Replay {
  let before = start;
  let acknowledged = 0;
  let begun: Extract<JournalEntry, { begin: unknown }> | undefined;
  for (const entry of entries) {
    if ('failed' in entry) throw new Error(`${JSON.stringify(begun?.begin)} failed: ${entry.failed}`);
    if ('begin' in entry) {
      begun = entry;
    } else if (begun) {
      before = applyToWorld(before, begun.begin, entry.done);
      acknowledged += 1;
      begun = undefined;
    }
  }
  return {
    before,
    after: begun ? applyToWorld(before, begun.begin) : before,
    acknowledged,
    isInFlight: begun !== undefined,
  };
}
