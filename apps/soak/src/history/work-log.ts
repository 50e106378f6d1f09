import type { RegisterOperation } from './linearizable.ts';

/** One thing that a worker did or noticed. */
export type WorkEntry =
  | ({ readonly type: 'operation'; readonly key: string } & RegisterOperation)
  | { readonly type: 'opened'; readonly name: string; readonly id: string }
  | { readonly type: 'listed' }
  /** A documented refusal of an operation, of which nothing has happened. */
  | { readonly type: 'busy' }
  | { readonly type: 'problem'; readonly text: string };

/** What a worker is told when all are ready. */
export interface WorkOrder {
  /** Ends the work after so many operations ... */
  readonly operations: number;
  /** ... or after so much time, whichever comes first. */
  readonly millis: number;
}

/** What the keys of a run are. */
export type WorkClass = 'one type a key' | 'changing types';

/** Keys that everyone writes to. */
export const HOT_KEYS: readonly string[] = Array.from({ length: 12 }, (_, index) => `hot-${index}`);
/** Keys that nobody writes to while the work goes on. */
export const STILL_KEYS: readonly string[] = Array.from({ length: 150 }, (_, index) => `still-${index}`);

/** Gives the time in nanoseconds, comparable between the processes of a machine, as a number that keeps them all. */
export function clock(): number {
  return Number(process.hrtime.bigint());
}
