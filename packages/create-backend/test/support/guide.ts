import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '@kv/tooling/run-shell';

/** A code block of the guide. */
export interface GuideBlock {
  readonly language: string;
  readonly code: string;
}

/** The text of the guide for authors of backends. */
export const GUIDE: string = readFileSync(join(ROOT, 'docs/guides/write-a-backend.md'), 'utf8');

/** Its code blocks, in order. */
export const BLOCKS: readonly GuideBlock[] = [...GUIDE.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(
  ([, language = '', code = '']) => ({ language, code }),
);

/** Gives the blocks in a language, which all have a test that uses this function. */
export function blocksIn(language: string): string[] {
  return BLOCKS.filter((block) => block.language === language).map(({ code }) => code);
}
