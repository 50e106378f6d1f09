import { CONDITIONAL_MUTANTS } from './conditional-mutants.ts';
import { DRY_PURGE_MUTANTS } from './dry-purge-mutants.ts';
import { LIFE_MUTANTS } from './life-mutants.ts';
import { LISTING_MUTANTS } from './listing-mutants.ts';
import type { Mutant } from './mutant.ts';
import { PLACE_MUTANTS } from './place-mutants.ts';
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
  ...DRY_PURGE_MUTANTS,
  ...CONDITIONAL_MUTANTS,
  ...PLACE_MUTANTS,
];
