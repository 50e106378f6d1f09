import { createBackend } from './reference-backend.ts';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { MUTANTS } from './mutants/all-mutants.ts';
import { findKillers } from './mutants/find-killers.ts';
import { openPlaces } from './mutants/open-places.ts';

// The suite says what it skips, once for each mutant.
beforeAll(() => void vi.spyOn(console, 'log').mockReturnValue());

describe('the suite', () => {
  it('passes on the correct backends, in memory and on a place', async () => {
    expect(await findKillers({ open: () => createBackend() }, 1)).toEqual([]);
    expect(await findKillers(openPlaces(), 1)).toEqual([]);
  });

  it('knows many ways to be wrong', () => {
    expect(MUTANTS.length).toBeGreaterThanOrEqual(40);
    expect(new Set(MUTANTS.map(({ name }) => name)).size).toBe(MUTANTS.length);
  });

  // Some mutants make a case wait.
  it.concurrent.each(MUTANTS)('fails on $name: $defect', async (mutant) => {
    expect(await findKillers(mutant, 1)).toHaveLength(1);
  });
});
