import type { DoctorFindingCode, DoctorSeverity } from './finding-kinds.js';

/** One thing that the doctor has found. */
export interface DoctorFinding {
  /** What kind of thing; `docs/reference/doctor.md` explains each. */
  readonly code: DoctorFindingCode;
  /** How much it matters. */
  readonly severity: DoctorSeverity;
  /** Name of the directory of the store that it is in; absent where it is in none. */
  readonly store?: string;
  /** Key of the record; absent where it is about none, or the key is not known. */
  readonly key?: string;
  /** Absolute path of the file or directory. */
  readonly path: string;
  /** What it means. */
  readonly message: string;
  /** What a repair does, or has done. */
  readonly remedy: string;
  /** Whether it is repaired now. `false` without `repair`, for what a repair leaves alone, and when a live process was at it. */
  readonly isRepaired: boolean;
}

/** What the doctor has found in a directory. */
export interface DoctorReport {
  /** Absolute path of the directory. */
  readonly dir: string;
  /** How many stores there are. */
  readonly stores: number;
  /** How many records they have that can be read. */
  readonly records: number;
  /** All findings, by store and path. */
  readonly findings: readonly DoctorFinding[];
  /** Where a repair has moved things to, under their paths from `dir`; absent when it has moved none. */
  readonly quarantine?: string;
}

/** What the doctor is to look at, and whether it may change anything. */
export interface DoctorOptions {
  /** The directory, as given to `createBackend`. */
  readonly dir: string;
  /**
   * Whether to repair what is found. Without, nothing is written.
   *
   * @defaultValue `false`
   */
  readonly repair?: boolean | undefined;
  /** Stops the examination; what was repaired until then stays so. */
  readonly signal?: AbortSignal | undefined;
}
