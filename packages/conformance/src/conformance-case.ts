import type { StorageBackend, StorageCapabilities } from '@kv/core';

/** What a case works on. */
export interface CaseContext {
  /** A backend of the case's own, with nothing in it. */
  readonly backend: StorageBackend;
  /** Opens another backend that shares nothing with it; closed when the case is over. */
  readonly open: () => Promise<StorageBackend>;
  /** Opens another backend on the place of `backend`; closed when the case is over. Absent when the test cannot. */
  readonly reopen: (() => Promise<StorageBackend>) | undefined;
}

/** One behaviour that every backend has. */
export interface ConformanceCase {
  /** Stable name, such as `KVS-014`; never given to another case. */
  readonly id: string;
  /** The part of the contract that it belongs to. */
  readonly group: string;
  /** The behaviour in one sentence. */
  readonly behaviour: string;
  /** The capabilities without which the case is skipped. */
  readonly needs?: readonly (keyof StorageCapabilities)[];
  /** Raises an error when the backend behaves otherwise. */
  readonly run: (context: CaseContext) => Promise<void>;
}

/** Puts cases into a group. */
export function defineGroup(group: string, cases: readonly Omit<ConformanceCase, 'group'>[]): ConformanceCase[] {
  return cases.map(({ id, behaviour, ...rest }) => ({ id, group, behaviour, ...rest }));
}
