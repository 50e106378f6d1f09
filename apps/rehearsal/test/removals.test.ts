import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { ROOT, run } from '@kv/tooling/run-shell';
import { expect, inject, it } from 'vitest';
import { removeMember } from '../src/remove-member.ts';

const { copyDir } = inject('rehearsal');
const PAGE = readFileSync(join(ROOT, 'docs/reference/packaging.md'), 'utf8');
const ROW = /^\| `(?<name>[\w-]+)` +\| `(?<path>\S+)` +\| `(?<check>\w+)` +\| `(?<message>[^`]+)` +\|$/gm;

const rows = [...PAGE.matchAll(ROW)].map(({ groups = {} }) => {
  const { name = '', path = '', check = '', message = '' } = groups;
  return { name, path, check, message };
});

const { packageManager } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));

/**
 * What each word of the table runs, in the folder of the package. Nothing is installed again: what is removed is still there, as
 * on the machine of somebody who forgets it.
 */
const CHECKS: Readonly<Record<string, string>> = {
  boundaries: 'cd ../..\nnode_modules/.bin/turbo boundaries',
  knip: 'cd ../..\nnode_modules/.bin/knip --no-progress',
  publint: `npx -y ${packageManager} --config.verify-deps-before-run=false exec publint --strict`,
  tooling: 'cd ../tooling\nnode_modules/.bin/vitest run --config vitest.config.js --root . --reporter verbose',
};

it('tries more than ten removals, all over the packages', () => {
  expect(rows.length).toBeGreaterThan(10);
  expect(new Set(rows.map(({ name }) => name)).size).toBeGreaterThan(5);
});

it.each(Object.entries(CHECKS))('%s has nothing to say when nothing is removed', async (_, command) => {
  expect(await run(command, join(copyDir, 'packages/fs'))).toMatchObject({ exitCode: 0 });
});

it.each(rows)('$check notices when $path of $name is removed', async ({ name, path, check, message }) => {
  const dir = join(copyDir, 'packages', name);
  const file = join(dir, 'package.json');
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, removeMember(text, path));
  const { exitCode, output } = await run(CHECKS[check] ?? '', dir);
  writeFileSync(file, text);
  expect({ exitCode, output }).toMatchObject({ exitCode: expect.toSatisfy((code) => code !== 0) });
  // Tables break between words as their columns ask for.
  expect(stripVTControlCharacters(output).replaceAll(/\s+/g, ' ')).toContain(message);
});
