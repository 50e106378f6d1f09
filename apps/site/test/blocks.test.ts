import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findBlocks } from '@kv/tooling/doc-examples';
import { expect, it } from 'vitest';
import { PAGES, ROOT } from '../src/pages.ts';
import { CHECKED_BY, isChecked, NOT_RUN } from './support/checked-by.ts';

// The API is made of doc comments, whose examples each package runs; the rest of it comes from the compiler.
const files = ['README.md', ...[...PAGES.keys()].filter((file) => !file.startsWith('apps/site/api/'))];
const blocks = findBlocks(ROOT, files);

function firstLine(code: string): string | undefined {
  return code.split('\n')[0];
}

it('has no block of code that nobody runs, unless it says why', () => {
  const excused = new Set(NOT_RUN.map(({ page, line }) => `${page}: ${line}`));
  const unchecked = blocks
    .filter((block, index) => !isChecked(block, blocks[index - 1]))
    .map(({ file, code }) => `${file}: ${firstLine(code)}`);
  expect(unchecked.filter((block) => !excused.has(block))).toEqual([]);
  expect([...excused].filter((block) => !unchecked.includes(block))).toEqual([]);
});

it('sees every block, also one that is indented', () => {
  for (const file of files) {
    const fences = readFileSync(join(ROOT, file), 'utf8').match(/^\s*(?:```|~~~)/gm) ?? [];
    expect({ file, fences: fences.length }).toEqual({
      file,
      fences: 2 * blocks.filter((block) => block.file === file).length,
    });
  }
});

it('names tests that there are, which look for blocks', () => {
  for (const { test } of CHECKED_BY) {
    expect({ test, exists: existsSync(join(ROOT, test)) }).toEqual({ test, exists: true });
  }
});

it('takes a block in a language that nobody knows for one that nobody runs', () => {
  const block = { file: 'docs/start.md', line: 1, language: 'python', code: 'print()\n' };
  expect(isChecked(block, undefined)).toBe(false);
  expect(isChecked({ ...block, language: '' }, undefined)).toBe(false);
  expect(isChecked({ ...block, language: 'text' }, { ...block, language: 'python' })).toBe(false);
  expect(isChecked({ ...block, language: 'text' }, { ...block, language: 'js' })).toBe(true);
});
