import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findNonLinearizable } from '../src/history/linearizable.ts';
import type { RegisterAction, RegisterOperation, RegisterState } from '../src/history/linearizable.ts';

const write = (start: number, end: number, value: RegisterState): RegisterOperation => ({
  start,
  end,
  action: { type: 'write', value },
});
const read = (start: number, end: number, value: RegisterState): RegisterOperation => ({
  start,
  end,
  action: { type: 'read', value },
});
const replace = (
  start: number,
  end: number,
  expected: RegisterState,
  value: RegisterState,
  isDone: boolean,
): RegisterOperation => ({ start, end, action: { type: 'replace', expected, value, isDone } });

describe('the checker of histories', () => {
  it.each<[string, RegisterOperation[]]>([
    ['a read of what nobody wrote', [write(0, 1, 'a'), read(2, 3, 'x')]],
    ['a stale read', [write(0, 1, 'a'), write(2, 3, 'b'), read(4, 5, 'a')]],
    ['a lost write', [write(0, 1, 'a'), read(2, 3, undefined)]],
    ['a read from the future', [read(0, 1, 'a'), write(2, 3, 'a')]],
    ['a record that comes back after its deletion', [write(0, 1, 'a'), write(2, 3, undefined), read(4, 5, 'a')]],
    ['the old value after the new one', [write(0, 9, 'a'), read(1, 2, 'a'), read(3, 4, undefined)]],
    [
      'two readers that see two overlapping writes in two orders',
      [write(0, 9, 'a'), write(0, 9, 'b'), read(1, 2, 'a'), read(3, 4, 'b'), read(5, 6, 'a')],
    ],
    ['a write between two others that nobody can have hidden', [write(0, 9, 'a'), write(1, 2, 'b'), read(10, 11, 'c')]],
    ['two that create one record', [replace(0, 1, undefined, 'a', true), replace(2, 3, undefined, 'b', true)]],
    ['two at once that create one record', [replace(0, 3, undefined, 'a', true), replace(1, 2, undefined, 'b', true)]],
    ['a condition that failed though it was met', [write(0, 1, 'a'), replace(2, 3, 'a', 'b', false)]],
    [
      'two that replace the same state',
      [write(0, 1, 'a'), replace(2, 9, 'a', 'b', true), replace(3, 8, 'a', 'c', true)],
    ],
  ])('refuses %s', (_, history) => {
    expect(findNonLinearizable(history)).toBeDefined();
    expect(findNonLinearizable(history.toReversed())).toBeDefined();
  });

  it.each<[string, RegisterOperation[]]>([
    [
      'what came one after the other',
      [write(0, 1, 'a'), read(2, 3, 'a'), write(4, 5, undefined), read(6, 7, undefined)],
    ],
    ['a read that overlaps the write, before and after it', [write(0, 9, 'a'), read(1, 2, undefined), read(3, 4, 'a')]],
    ['a write that takes effect late', [write(0, 9, 'a'), write(1, 2, 'b'), read(3, 4, 'b'), read(5, 10, 'a')]],
    [
      'a write that another one hides at once',
      [write(0, 9, 'a'), write(1, 2, 'b'), read(3, 4, 'b'), read(10, 11, 'b')],
    ],
    ['what touches at one instant', [write(0, 1, 'a'), read(1, 2, undefined)]],
    ['one of two that create', [replace(0, 3, undefined, 'a', true), replace(1, 2, undefined, 'b', false)]],
  ])('accepts %s', (_, history) => {
    expect(findNonLinearizable(history)).toBeUndefined();
    expect(findNonLinearizable(history.toReversed())).toBeUndefined();
  });

  it('names the operation that does not fit', () => {
    const stale = read(4, 5, 'a');
    expect(findNonLinearizable([write(0, 1, 'a'), write(2, 3, 'b'), stale, read(6, 7, 'b')])).toBe(stale);
  });

  it('agrees with trying out every order', () => {
    const state = fc.constantFrom('a', 'b', undefined);
    const action: fc.Arbitrary<RegisterAction> = fc.oneof(
      fc.record({ type: fc.constant('write' as const), value: state }),
      fc.record({ type: fc.constant('read' as const), value: state }),
      fc.record({ type: fc.constant('replace' as const), expected: state, value: state, isDone: fc.boolean() }),
    );
    const operation = fc
      .record({ start: fc.nat(20), length: fc.nat(10), action })
      .map(({ start, length, action: done }) => ({ start, end: start + length, action: done }));
    const verdicts = new Map<boolean, number>();
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 6 }), (history) => {
        const isLinearizable = isAnyOrderLegal(history, undefined);
        verdicts.set(isLinearizable, (verdicts.get(isLinearizable) ?? 0) + 1);
        expect(findNonLinearizable(history) === undefined).toBe(isLinearizable);
      }),
      { numRuns: 5000 },
    );
    // Both verdicts must have come up often, or the test has shown little.
    expect(Math.min(verdicts.get(true) ?? 0, verdicts.get(false) ?? 0)).toBeGreaterThan(500);
  });

  it('follows a long history of eight writers', () => {
    const history = Array.from({ length: 1000 }, (_, index) => write(index, index + 7.5, `w${index}`));
    history.push(read(50_000, 50_001, 'w999'));
    expect(findNonLinearizable(history)).toBeUndefined();
    history.push(read(50_002, 50_003, 'w100'));
    expect(findNonLinearizable(history)).toBe(history.at(-1));
  });
});

/** The definition itself: some order in which nothing comes before what ended before it began, and every step is legal. */
function isAnyOrderLegal(left: readonly RegisterOperation[], state: RegisterState): boolean {
  if (left.length === 0) return true;
  return left.some((operation) => {
    const others = left.filter((other) => other !== operation);
    if (others.some((other) => other.end < operation.start)) return false;
    const { action } = operation;
    if (action.type === 'write') return isAnyOrderLegal(others, action.value);
    if (action.type === 'read') return action.value === state && isAnyOrderLegal(others, state);
    if (action.isDone !== (action.expected === state)) return false;
    return isAnyOrderLegal(others, action.isDone ? action.value : state);
  });
}
