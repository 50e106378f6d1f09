import { cpSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { blocksIn, GUIDE } from './support/guide.ts';
import { ROOT, run } from './support/run.ts';
import { serveTarballs } from './support/scope-registry.ts';
import type { ScopeRegistry } from './support/scope-registry.ts';

// The guide, followed to the letter by a user of npm who does not have this repository.

const EXAMPLE = join(ROOT, 'examples/sqlite-backend');
const base = mkdtempSync(join(tmpdir(), 'kv-outside-'));
const made = join(base, 'kv-sqlite');
const userConfig = join(base, 'npmrc');
const commands = blocksIn('sh').filter((code) => !code.includes('new:backend'));
const [failure = ''] = blocksIn('text').filter((code) => code.includes('AssertionError'));
let registry: ScopeRegistry;

/** Runs lines of the guide as they are. */
async function type(lines: string | undefined, cwd: string): ReturnType<typeof run> {
  return run(`set -e\n${lines}`, cwd, { npm_config_userconfig: userConfig, npm_config_yes: 'true' });
}

/** Runs lines of the guide, which must succeed. */
async function succeed(lines: string | undefined, cwd: string): Promise<string> {
  const { exitCode, output } = await type(lines, cwd);
  expect(exitCode, `${lines}\n${output}`).toBe(0);
  return output;
}

function counts(output: string): unknown {
  return Object.fromEntries(
    [...output.matchAll(/^ℹ (pass|fail) (\d+)$/gm)].map(([, name, count]) => [name, Number(count)]),
  );
}

beforeAll(async () => {
  const { packageManager } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const pack = `npx -y ${packageManager} pack --pack-destination "${base}"`;
  for (const name of ['core', 'conformance', 'create-backend', 'sdk']) {
    const { exitCode, output } = await run(pack, join(ROOT, 'packages', name));
    expect(exitCode, output).toBe(0);
  }
  registry = await serveTarballs(globSync('*.tgz', { cwd: base }).map((file) => join(base, file)));
  const own = process.env['npm_config_userconfig'] ?? join(homedir(), '.npmrc');
  const lines = globSync(own).map((file) => readFileSync(file, 'utf8'));
  writeFileSync(userConfig, [...lines, `@kv:registry=${registry.url}`, ''].join('\n'));
}, 120_000);

afterAll(async () => {
  await registry[Symbol.asyncDispose]();
  rmSync(base, { recursive: true, force: true });
});

it('makes a package that passes the suite at once', async () => {
  const output = await succeed(commands[0], base);
  expect(output).toContain(`Made kv-sqlite in ${made}.`);
  expect(counts(output)).toMatchObject({ fail: 0, pass: expect.toSatisfy((pass: number) => pass > 100) });
}, 180_000);

it('leads to the example: what it tells to write by hand, and what the generator makes', async () => {
  const own = [...GUIDE.matchAll(/^\| `((?:src|test)\/\S+\.ts)` +\|/gm)].map(([, file = '']) => file);
  const handWritten = own.slice(own.indexOf('src/create-backend.ts', own.indexOf('src/create-backend.ts') + 1));
  const files = globSync(['src/*.ts', 'test/conformance.test.ts'], { cwd: EXAMPLE });
  const isSame = (file: string): boolean => readFileSync(join(EXAMPLE, file), 'utf8') === tryRead(join(made, file));
  expect(files.filter((file) => !isSame(file)).toSorted()).toEqual(handWritten.toSorted());
  rmSync(join(made, 'src/collect-bytes.ts'));
  for (const file of handWritten) cpSync(join(EXAMPLE, file), join(made, file));
  expect(globSync('src/*.ts', { cwd: made }).toSorted()).toEqual(globSync('src/*.ts', { cwd: EXAMPLE }).toSorted());
});

it('passes the suite on the engine, first the groups of one step and then all', async () => {
  expect(counts(await succeed(commands[1], made))).toMatchObject({
    fail: 0,
    pass: expect.toSatisfy((pass: number) => pass > 20),
  });
  expect(counts(await succeed('npm test', made))).toMatchObject({
    fail: 0,
    pass: expect.toSatisfy((pass: number) => pass > 100),
  });
}, 180_000);

it('shows a failing case as it is', async () => {
  const schema = join(made, 'src/schema.ts');
  const right = readFileSync(schema, 'utf8');
  writeFileSync(schema, right.replace('key TEXT NOT NULL,', 'key TEXT NOT NULL COLLATE NOCASE,'));
  await succeed('npm run build', made);
  const { exitCode, output } = await type(commands[2], made);
  expect(exitCode).toBe(1);
  for (const line of failure.trim().split('\n')) expect(output.replaceAll(/ \([\d.]+ms\)/g, '')).toContain(line);
  writeFileSync(schema, right);
  await succeed('npm run build', made);
}, 120_000);

it('packs it, and finds it by KV_BACKEND in another project', async () => {
  const output = await succeed(commands[3], made);
  expect(output).not.toMatch(/npm (warn|error)/i);
  const other = join(base, 'try-it');
  writeFileSync(join(other, 'main.mjs'), blocksIn('js')[0] ?? '');
  expect(await succeed(commands[4], other)).toContain('{ stored: true }');
  expect(globSync('storage/*', { cwd: other })).toEqual(['storage/kv.sqlite']);
  expect(commands).toHaveLength(5);
}, 120_000);

function tryRead(file: string): string | undefined {
  return globSync(file).map((found) => readFileSync(found, 'utf8'))[0];
}
