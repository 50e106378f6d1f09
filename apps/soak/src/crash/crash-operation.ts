import type { Stamp } from '../stamped-value.ts';

/** One thing that a child does to a store; a store is called by its name, the default one `default`. */
export type CrashOperation =
  | { readonly type: 'open'; readonly store: string }
  | SetOperation
  | DeleteOperation
  | { readonly type: 'rename'; readonly store: string; readonly to: string }
  | { readonly type: 'purge'; readonly store: string }
  | { readonly type: 'drop'; readonly store: string };

export interface SetOperation {
  readonly type: 'set';
  readonly store: string;
  readonly key: string;
  readonly stamp: Stamp;
  readonly isStream?: boolean;
  /** Written only if the record is as it was found just before. */
  readonly isConditional?: boolean;
}

export interface DeleteOperation {
  readonly type: 'delete';
  readonly store: string;
  readonly key: string;
  readonly isConditional?: boolean;
}
