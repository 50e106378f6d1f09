import { describe, expect, it } from 'vitest';
import { canStop, stopAtSteps } from '../src/stops/stop-at-steps.ts';
import { STOP_SCENARIOS } from '../src/stops/stop-scenarios.ts';

// The tests of @kv/fs stop the writes of records at every step; these are the others, and one of each kind to compare.
const SHORT = [
  'the first opening of a store',
  'an overwrite with another type',
  'a conditional delete',
  'a purge',
  'a drop',
];

describe.skipIf(!canStop())(
  'a process that is stopped at any system call that changes a directory (needs strace)',
  () => {
    it.each(SHORT)('leaves the state before or the state after: %s', { timeout: 180_000 }, async (name) => {
      const scenario = STOP_SCENARIOS[name];
      expect(scenario && (await stopAtSteps(scenario)).steps).toBeGreaterThan(1);
    });
  },
);
