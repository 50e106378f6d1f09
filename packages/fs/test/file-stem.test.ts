import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeStem, encodeStem } from '../src/layout/file-stem.js';
import { hostileKey } from './generators.js';

describe.each([false, true])('encodeStem, with a directory that ignores case: %s', (ignoresCase) => {
  it('is undone by decodeStem, except for hashes', () => {
    fc.assert(
      fc.property(hostileKey, (key) => {
        const { text, isHashed } = encodeStem(key, ignoresCase);
        expect(decodeStem(text, ignoresCase)).toBe(isHashed ? undefined : key);
      }),
      { numRuns: 5000 },
    );
  });

  it('gives names that every file system takes, with room for the longest ending', () => {
    fc.assert(
      fc.property(hostileKey, (key) => {
        const { text } = encodeStem(key, ignoresCase);
        expect(text.length).toBeLessThanOrEqual(255 - '.__metadata__.json'.length);
        expect(text).not.toMatch(/^\.|\.$|__metadata__|[<>:"/\\|?*\0 ]/i);
        expect(text).not.toMatch(/^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i);
      }),
      { numRuns: 5000 },
    );
  });

  it('gives different names to different keys', () => {
    const fold = (text: string): string => (ignoresCase ? text.toLowerCase() : text);
    fc.assert(
      fc.property(hostileKey, hostileKey, (one, other) => {
        const same = fold(encodeStem(one, ignoresCase).text) === fold(encodeStem(other, ignoresCase).text);
        expect(same).toBe(one === other);
      }),
      { numRuns: 20_000 },
    );
  });
});

it('tells case twins apart where case is ignored, and keeps the common names plain', () => {
  const names = ['INPUT', 'input', 'Input', 'OUTPUT', 'photo', 'Photo', 'PHOTO'].map(
    (key) => encodeStem(key, true).text,
  );
  expect(names).toEqual(['INPUT', 'input=0', 'Input=10', 'OUTPUT', 'photo', 'Photo=10', 'PHOTO=1f']);
});
