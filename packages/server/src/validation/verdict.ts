import type { OutputUnit } from '@cfworker/json-schema';

/** JSON that is to be checked against JSON schemas. */
export interface ValidationJob {
  readonly jsonSchemas: readonly object[];
  /** The JSON, in UTF-8. */
  readonly bytes: Uint8Array;
}

/** What came out of a {@link ValidationJob}. */
export type Verdict =
  | { readonly state: 'valid' }
  /** The first errors of all schemas. */
  | { readonly state: 'invalid'; readonly errors: readonly OutputUnit[] }
  /** There is no JSON in the bytes. */
  | { readonly state: 'unreadable'; readonly message: string }
  /** A schema is none, or takes too long: the one with this index, where that is known. */
  | { readonly state: 'unusable'; readonly index?: number };
