import fc from 'fast-check';

const KEY_CHARACTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!-_.'()";
const HOSTILE_PARTS = [
  'CON',
  'con',
  'nul',
  'NUL.txt',
  'aux',
  'com1',
  'LPT9',
  '.',
  '..',
  '...',
  '.json',
  '.png',
  '.txt',
  '.html',
  '.gz',
  '.bin',
  '.jpeg',
  '.__metadata__.json',
  '__metadata__',
  '__METADATA__',
  '__metadata__.json',
  'INPUT',
  'input',
  'OUTPUT',
  'photo',
  'Photo',
  'PHOTO',
  'a',
  'A',
  '!',
  "'",
  '(',
  ')',
  '-',
  '_',
  'x'.repeat(120),
  'X'.repeat(120),
  'x'.repeat(200),
];

const isLegal = (key: string): boolean => key.length >= 1 && key.length <= 256 && key !== '.' && key !== '..';

/** Legal keys of all lengths and characters. */
const plainKey = fc
  .array(fc.constantFrom(...KEY_CHARACTERS), { minLength: 1, maxLength: 256 })
  .map((characters) => characters.join(''))
  .filter(isLegal);

/** Legal keys that file systems and this layout find hard: device names, dots, extensions, case twins, great length. */
export const hostileKey: fc.Arbitrary<string> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc
      .array(fc.constantFrom(...HOSTILE_PARTS), { minLength: 1, maxLength: 5 })
      .map((parts) => parts.join(''))
      .filter(isLegal),
  },
  { weight: 1, arbitrary: plainKey },
  { weight: 1, arbitrary: fc.constantFrom(...KEY_CHARACTERS).filter(isLegal) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('x'.repeat(256), 'X'.repeat(256), '.'.repeat(256), `${'x'.repeat(255)}y`),
  },
);

/** Content types with extensions, without, with parameters, and unknown ones. */
export const contentType: fc.Arbitrary<string> = fc.constantFrom(
  'application/json; charset=utf-8',
  'application/json',
  'application/ld+json',
  'text/plain; charset=utf-8',
  'text/plain',
  'text/html; charset=utf-8',
  'image/png',
  'image/jpeg',
  'application/pdf',
  'application/gzip',
  'application/octet-stream',
  'application/x-unknown-thing',
  'text/x-odd; a="b; c"',
);
