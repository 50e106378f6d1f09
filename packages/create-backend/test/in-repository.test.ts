import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT, run, succeed } from '@kv/tooling/run-shell';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { blocksIn } from './support/guide.ts';

const copy = mkdtempSync(join(tmpdir(), 'kv-new-backend-'));
const pnpm = `npx -y ${JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).packageManager}`;
const [create = '', testOne = ''] = blocksIn('sh').filter((code) => code.includes('pnpm'));

beforeAll(async () => {
  // As a clone would be, with what is not committed yet.
  const files = await succeed('git ls-files --cached --others --exclude-standard', ROOT);
  for (const file of new Set(files.trim().split('\n'))) {
    if (existsSync(join(ROOT, file))) cpSync(join(ROOT, file), join(copy, file));
  }
  await succeed('git init', copy);
}, 600_000);

afterAll(() => rmSync(copy, { recursive: true, force: true }));

it('makes a package on which build, tests and checks are green at once', async () => {
  expect(await succeed(create, copy)).toContain('Made @kv/sqlite in packages/sqlite.');
  await succeed(`${pnpm} install --no-frozen-lockfile --prefer-offline`, copy);
  await succeed(`${pnpm} exec turbo run build typecheck check:package --filter=@kv/sqlite`, copy);
  const results = join(copy, 'packages/sqlite/.test-results/vitest.json');
  await succeed(`${pnpm} --filter @kv/sqlite test`, copy);
  expect(JSON.parse(readFileSync(results, 'utf8'))).toMatchObject({ success: true, numFailedTests: 0 });
  expect(await succeed(testOne, copy)).toMatch(/Tests .*1 passed/);
  await succeed(`${pnpm} exec oxlint --type-aware packages/sqlite`, copy);
  await succeed(`${pnpm} exec oxfmt --check packages/sqlite .changeset/sqlite-backend.md`, copy);
  await succeed(`${pnpm} exec turbo boundaries`, copy);
  await succeed(`${pnpm} exec knip`, copy);
}, 600_000);

it('refuses a package that is there already, and a name that is none', async () => {
  const refuse = async (name: string): Promise<string> => {
    const { exitCode, output } = await run(`node packages/create-backend/src/new-backend.ts ${name}`, copy);
    expect(exitCode).toBe(1);
    return output;
  };
  expect(await refuse('fs')).toMatch(
    /The folder \S+fs is not empty: it holds \S+\. Choose another name, or empty it\./,
  );
  expect(await refuse('Redis')).toContain('"@kv/Redis" cannot be the name of a package.');
  expect(await refuse('')).toContain('pnpm new:backend NAME');
});
