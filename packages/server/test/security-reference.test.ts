import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const root = join(import.meta.dirname, '../../..');
const page = readFileSync(join(root, 'docs/reference/security.md'), 'utf8');
// A cell names files, each with the titles of its tests.
const shown = [...page.matchAll(/`([\w/-]+\.test\.ts)`[^":]*:((?: "[^"]+",?)+)/g)].flatMap(
  ([, file = '', titles = '']) => [...titles.matchAll(/"([^"]+)"/g)].map(([, title = '']) => ({ file, title })),
);

it('the page on security names tests that exist', () => {
  expect(shown.length).toBeGreaterThan(60);
  const missing = shown.filter(({ file, title }) => {
    const path = file.includes('/') ? join(root, file) : join(import.meta.dirname, file);
    return !readFileSync(path, 'utf8').includes(`'${title}`);
  });
  expect(missing).toEqual([]);
});

it('every line of its tables has a test', () => {
  const rows = page.split('\n').filter((line) => /^\| (?!Against|-)/.test(line));
  expect(rows.length).toBeGreaterThan(25);
  expect(rows.filter((row) => !/`[\w/-]+\.test\.ts`[^|]*: "/.test(row))).toEqual([]);
});
