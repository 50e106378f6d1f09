import { CODINGS, CONTENT_TYPES } from '../content-types.ts';
import type { Random } from '../random.ts';
import type { ModelRecord } from './model.ts';

/** Keys that want the same files, that file systems find hard, or that mean something to other tools. */
export const KEYS: readonly string[] = [
  'a',
  'A',
  'photo',
  'photo.png',
  'photo.png.png',
  'photo.json',
  'x',
  'x.json',
  'x.txt',
  'INPUT',
  'INPUT.json',
  '__metadata__',
  'CON',
  '.hidden',
  'dot.',
  "odd!'()",
  'y'.repeat(250),
  `${'y'.repeat(250)}Z`,
  'z'.repeat(256),
];

/** Makes a record: of any type, empty, small, or too large to be written at once. */
export function randomRecord(random: Random): ModelRecord {
  const contentType = random.chance(0.15) ? `text/x-odd; v=${random.below(5)}` : random.pick(CONTENT_TYPES);
  const size = random.chance(0.03) ? 70_000 + random.below(30_000) : random.below(60);
  const contentEncoding = random.pick(CODINGS);
  return { contentType, contentEncoding, value: Buffer.alloc(size, `${random.below(1e9)}.`) };
}
