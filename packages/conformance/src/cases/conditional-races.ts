import { defineGroup } from '../conformance-case.js';
import type { ConformanceCase } from '../conformance-case.js';
import { assertCounts, assertNothingUndone, assertOneCreates } from '../support/races.js';
import { inStore } from '../support/records.js';
import { inBothBackends } from '../support/reopening.js';
import type { Handles } from '../support/reopening.js';

function inHandles(run: (handles: Handles) => Promise<void>): ConformanceCase['run'] {
  return inStore(async (store, backend) => run([store, await backend.openKeyValueStore({ id: store.id })]));
}

/** Many whose writes depend on what is there, at once. */
export const CONDITIONAL_RACE_CASES: readonly ConformanceCase[] = defineGroup('conditional races', [
  {
    id: 'KVS-124',
    behaviour: 'Of 50 writers who create one record with `ifNoneMatch: "*"`, exactly one does.',
    needs: ['conditionalWrites'],
    run: inHandles(assertOneCreates),
  },
  {
    id: 'KVS-125',
    behaviour: '20 who read, increment and write a counter with `ifMatch`, until it succeeds, lose no increment.',
    needs: ['conditionalWrites'],
    run: inHandles(assertCounts),
  },
  {
    id: 'KVS-126',
    behaviour: 'What is written or deleted without a condition is not undone by conditional writes alongside.',
    needs: ['conditionalWrites'],
    run: inHandles(assertNothingUndone),
  },
  {
    id: 'KVS-127',
    behaviour: 'Of 50 writers through two backends on one place who create one record, exactly one does.',
    needs: ['persistent', 'conditionalWrites'],
    run: inBothBackends(assertOneCreates),
  },
  {
    id: 'KVS-128',
    behaviour: '20 who count through two backends on one place lose no increment.',
    needs: ['persistent', 'conditionalWrites'],
    run: inBothBackends(assertCounts),
  },
  {
    id: 'KVS-129',
    behaviour:
      'What one backend writes without a condition is not undone by conditional writes of another on its place.',
    needs: ['persistent', 'conditionalWrites'],
    run: inBothBackends(assertNothingUndone),
  },
]);
