import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packAndServe } from '@kv/tooling/pack-and-serve';
import { ROOT, succeed } from '@kv/tooling/run-shell';
import { afterAll, expect, it } from 'vitest';
import { installedWeight } from '../src/installed-weight.ts';
import { weightTable } from '../src/weight-page.ts';

const base = realpathSync(mkdtempSync(join(tmpdir(), 'kv-weight-')));
afterAll(() => rmSync(base, { recursive: true, force: true }));

it('has in the README the table that was measured', () => {
  const table = weightTable(readFileSync(join(ROOT, 'apps/bench/results/weight.md'), 'utf8'));
  expect(table).toContain('`@kv/sdk` + `@kv/fs`');
  expect(weightTable(readFileSync(join(ROOT, 'README.md'), 'utf8'))).toBe(table);
});

it.skipIf(process.platform === 'win32')(
  'installs at most 5 packages and 500 KB (Windows counts no blocks)',
  async () => {
    await using served = await packAndServe(['core', 'fs', 'sdk'], join(base, 'tarballs'));
    const dir = join(base, 'project');
    mkdirSync(dir);
    writeFileSync(join(dir, 'package.json'), '{ "private": true }');
    await succeed('npm install --no-audit --no-fund @kv/sdk @kv/fs', dir, served.env);
    const { packages, kilobytes } = installedWeight(dir);
    expect(packages).toEqual(expect.arrayContaining(['@kv/core', '@kv/fs', '@kv/sdk']));
    expect(packages.length).toBeLessThanOrEqual(5);
    expect(packages.filter((name) => /cloud|^ky$/.test(name))).toEqual([]);
    expect(kilobytes).toBeGreaterThan(50);
    expect(kilobytes).toBeLessThanOrEqual(500);
  },
  600_000,
);
