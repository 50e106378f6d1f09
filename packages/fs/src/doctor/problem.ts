import { lstatSync } from 'node:fs';
import type { DoctorFindingCode } from './finding-kinds.js';

/** A finding on its way into the report, and what mends it. */
export interface Problem {
  readonly code: DoctorFindingCode;
  readonly path: string;
  readonly store?: string;
  readonly key?: string;
  readonly message: string;
  /** What a repair does about this one, where it is not what it does about others of its code. */
  readonly remedy?: string;
  /** Mends it; `false` when it is no longer as it was seen. */
  readonly repair?: () => boolean | Promise<boolean>;
}

/** A problem that is mended at once, so that it can be done while a gate is held. */
export interface SyncProblem extends Problem {
  readonly repair?: () => boolean;
}

/** Tells one state of a file from all others that it was or will be in; `undefined` when it is gone. */
export function markOf(path: string): string | undefined {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  // The time of the last change of a directory says nothing of itself.
  return stats && [stats.ino, ...(stats.isDirectory() ? [] : [stats.size, stats.mtimeMs])].join(':');
}
