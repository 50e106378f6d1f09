import { CRASH_KINDS } from './crash/crash-kinds.ts';
import { runCrashMatrix } from './crash/crash-matrix.ts';
import { runMixedWork } from './history/mixed-work.ts';
import type { WorkClass } from './history/work-log.ts';
import { LEGAL_FINDINGS } from './left-findings.ts';
import type { FindingCounts } from './left-findings.ts';
import { runCreating } from './sharing/creating.ts';
import { runDropping } from './sharing/dropping.ts';
import { runPurging } from './sharing/purging.ts';
import { canStop, stopAtSteps } from './stops/stop-at-steps.ts';
import { STOP_SCENARIOS } from './stops/stop-scenarios.ts';
import { runRandomWalk } from './walk/random-walk.ts';

/** What one run has shown, by the heading of its column. */
export type Figures = Readonly<Record<string, string | number>>;

/** A part of the soak: runs of one sort, which share a table. */
export interface SoakPart {
  readonly title: string;
  /** What is done, and what is looked at. */
  readonly text: string;
  /** The heading over the labels of the runs. */
  readonly subject: string;
  readonly runs: readonly (readonly [label: string, run: () => Promise<Figures>])[];
}

const KILLS = 2000;
const PROCESSES = 8;
const SECONDS = 60;
const STEPS = 100_000;
const CLASSES: readonly WorkClass[] = ['one type a key', 'changing types'];

/** All parts, each at the given share of its full size. */
export function soakParts(share: number, seed: number): readonly SoakPart[] {
  return [kills(share, seed), stops(), mixedWork(share, seed), sharing(share, seed), walk(share, seed)];
}

function kills(share: number, seed: number): SoakPart {
  const kinds = Object.keys(CRASH_KINDS);
  return {
    title: 'Kills',
    text: 'A process writes in one way, and is killed (SIGKILL) at a random time; the next one goes on with what it has left. After each kill a new process opens and reads everything: what was acknowledged is there whole and with its type, what was in flight is there whole or not at all, and no store fails to open. Before that, the doctor looks at what the kill has left, and may find nothing but the harmless things that have a column here.',
    subject: 'What it did',
    runs: kinds.map((kind) => [
      kind,
      async () => {
        const figures = await runCrashMatrix({ kind, kills: Math.ceil((KILLS * share) / kinds.length), seed });
        return {
          Kills: figures.kills,
          'in the middle of an operation': figures.inFlight,
          'Operations acknowledged': figures.acknowledged,
          ...findingColumns(figures.findings),
          'Temp files left in the end': figures.tempFiles,
        };
      },
    ]),
  };
}

function stops(): SoakPart {
  return {
    title: 'Stops at every step',
    text: 'A process is killed at each of the system calls with which one operation changes a directory, one after the other. What is left is the state before or the state after, and can be worked on; the doctor finds nothing but what has a column here.',
    subject: 'Operation',
    runs: canStop()
      ? Object.entries(STOP_SCENARIOS).map(([name, it]) => [
          name,
          async () => {
            const { steps, findings } = await stopAtSteps(it);
            return { Stops: steps, ...findingColumns(findings) };
          },
        ])
      : [],
  };
}

function findingColumns(findings: FindingCounts): Figures {
  return Object.fromEntries(LEGAL_FINDINGS.map((code) => [`\`${code}\``, findings[code]]));
}

function mixedWork(share: number, seed: number): SoakPart {
  const millis = SECONDS * share * 1000;
  return {
    title: 'Several processes',
    text: `${PROCESSES} processes set, get, stream, delete and list the keys of one store for ${Math.round(millis / 1000)} seconds, write under conditions where the backend takes them, and open new stores by name. A checker looks for one order of all operations on a key that explains what each has seen (linearizability). Every listing gives each key that nobody touches exactly once; one name is one store.`,
    subject: 'Keys',
    runs: CLASSES.map((workClass) => [
      workClass,
      async () => {
        const order = { operations: Number.MAX_SAFE_INTEGER, millis };
        const figures = await runMixedWork({ workClass, processes: PROCESSES, order, seed });
        return {
          Reads: figures.reads,
          Writes: figures.writes,
          'Conditional writes': figures.conditional,
          'of them forestalled': figures.forestalled,
          'Operations that overlapped on a key': figures.overlapping,
          Listings: figures.listings,
          'New stores': figures.newStores,
          'Refused as busy': figures.busy,
        };
      },
    ]),
  };
}

function sharing(share: number, seed: number): SoakPart {
  const rounds = Math.ceil(500 * share);
  return {
    title: 'Stores that are shared',
    text: 'Processes that create, drop and purge stores under each other. One name gives one id; a store that was dropped never comes back, and no record is seen in another store than it was written to; a purge is refused while a run uses the store, and takes nothing from it.',
    subject: 'What they do',
    runs: [
      [
        'open the same new names',
        async () => {
          const { processes, stores } = await runCreating(PROCESSES, rounds);
          return { Processes: processes, Stores: stores };
        },
      ],
      [
        'open, use and drop one name',
        async () => {
          const { processes, stores, opened, dropped, cutShort } = await runDropping(PROCESSES, rounds, seed);
          return { Processes: processes, Stores: stores, Openings: opened, Drops: dropped, 'Cut short': cutShort };
        },
      ],
      [
        'purge under two live runs',
        async () => {
          const { purges } = await runPurging(rounds);
          return { Processes: 2, 'Purges refused': purges };
        },
      ],
    ],
  };
}

function walk(share: number, seed: number): SoakPart {
  const steps = Math.ceil(STEPS * share);
  return {
    title: 'Against a map',
    text: 'Random operations on a directory and on plain maps, which are equal after every step: the list of stores, and all keys, sizes, types and bytes of the store that was worked on; after every reopening those of all stores.',
    subject: 'Walk',
    runs: [
      [
        `${steps} operations`,
        async () => Object.fromEntries([...(await runRandomWalk({ steps, seed }))].toSorted((a, b) => b[1] - a[1])),
      ],
    ],
  };
}
