import { LIFE_MUTANTS } from './life-mutants.ts';
import { LISTING_MUTANTS } from './listing-mutants.ts';
import type { Mutant } from './mutant.ts';
import { RECORD_MUTANTS } from './record-mutants.ts';
import { STORE_MUTANTS } from './store-mutants.ts';
import { STREAM_MUTANTS } from './stream-mutants.ts';

/** Broken variants of the backend in memory, one defect each. */
export const MUTANTS: readonly Mutant[] = [
  ...LISTING_MUTANTS,
  ...RECORD_MUTANTS,
  ...STREAM_MUTANTS,
  ...STORE_MUTANTS,
  ...LIFE_MUTANTS,
];
