import fc from 'fast-check';
import { expect, it } from 'vitest';
import { SortedKeys } from '../src/record/sorted-keys.js';

// All that may come before the dot of `.json`, the dot, and what comes after it; so short that keys begin with one another.
const key = fc.string({ unit: fc.constantFrom(...`!'()-.0_azA`), minLength: 1, maxLength: 6 });
const keys = fc.array(key, { maxLength: 60 });

function list(sorted: SortedKeys): string[] {
  return Array.from({ length: sorted.length }, (_, index) => sorted.at(index));
}

it('has keys in their own order, not in that of their files, and each of them once', () => {
  fc.assert(
    fc.property(keys, keys, key, (some, more, from) => {
      const sorted = SortedKeys.fromFiles(some.map((name) => `${name}.json`)).with(more);
      const expected = [...new Set([...some, ...more])].toSorted();
      expect(list(sorted)).toEqual(expected);
      expect(sorted.firstFrom(from)).toBe(expected.filter((other) => other < from).length);
    }),
    { numRuns: 2000 },
  );
});
