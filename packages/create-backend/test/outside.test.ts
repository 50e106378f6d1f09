import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packAndServe } from '@kv/tooling/pack-and-serve';
import type { ServedPackages } from '@kv/tooling/pack-and-serve';
import { ROOT, run, succeed } from '@kv/tooling/run-shell';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { blocksIn, GUIDE } from './support/guide.ts';

// The guide, followed to the letter by a user of npm who does not have this repository.

const EXAMPLE = join(ROOT, 'examples/sqlite-backend');
const base = realpathSync(mkdtempSync(join(tmpdir(), 'kv-outside-')));
const made = join(base, 'kv-sqlite');
const commands = blocksIn('sh').filter((code) => !code.includes('pnpm'));
const failure = blocksIn('text').find((code) => code.includes('AssertionError')) ?? '';
let packages: ServedPackages;

/** Runs lines of the guide as they are, which must succeed. */
async function type(lines: string | undefined, cwd: string): Promise<string> {
  return succeed(`set -e\n${lines}`, cwd, packages.env);
}

function counts(output: string): unknown {
  return Object.fromEntries(
    [...output.matchAll(/^ℹ (pass|fail) (\d+)$/gm)].map(([, name, count]) => [name, Number(count)]),
  );
}

beforeAll(async () => {
  packages = await packAndServe(['core', 'conformance', 'create-backend', 'sdk'], join(base, 'tarballs'));
}, 600_000);

afterAll(async () => {
  await packages[Symbol.asyncDispose]();
  rmSync(base, { recursive: true, force: true });
});

it('makes a package that passes the suite at once', async () => {
  const output = await type(commands[0], base);
  expect(output).toContain(`Made kv-sqlite in ${made}.`);
  expect(counts(output)).toMatchObject({ fail: 0, pass: expect.toSatisfy((pass: number) => pass > 100) });
}, 600_000);

it('leads to the example: what it tells to write by hand, and what the generator makes', () => {
  const section = GUIDE.slice(GUIDE.indexOf('were written by hand'), GUIDE.indexOf('### Options'));
  const handWritten = [...section.matchAll(/^\| `((?:src|test)\/\S+)`/gm)].map(([, file = '']) => file);
  const files = ['test/conformance.test.ts', ...sourceFiles(EXAMPLE)];
  const isSame = (file: string): boolean => existsSync(join(made, file)) && read(made, file) === read(EXAMPLE, file);
  expect(files.filter((file) => !isSame(file)).toSorted()).toEqual(handWritten.toSorted());
  for (const file of handWritten) cpSync(join(EXAMPLE, file), join(made, file));
  rmSync(join(made, 'src/collect-bytes.ts'));
  expect(sourceFiles(made)).toEqual(sourceFiles(EXAMPLE));
});

it('passes the suite on the engine, first the groups of one step and then all', async () => {
  expect(counts(await type(commands[1], made))).toMatchObject({
    fail: 0,
    pass: expect.toSatisfy((pass: number) => pass > 20),
  });
  expect(counts(await type('npm test', made))).toMatchObject({
    fail: 0,
    pass: expect.toSatisfy((pass: number) => pass > 100),
  });
}, 600_000);

it('shows a failing case as it is', async () => {
  const schema = join(made, 'src/schema.ts');
  const right = readFileSync(schema, 'utf8');
  writeFileSync(schema, right.replace('key TEXT NOT NULL,', 'key TEXT NOT NULL COLLATE NOCASE,'));
  const { exitCode, output } = await run(commands[2] ?? '', made, packages.env);
  expect(exitCode).toBe(1);
  for (const line of failure.trim().split('\n')) expect(output.replaceAll(/ \([\d.]+ms\)/g, '')).toContain(line);
  writeFileSync(schema, right);
  await type('npm run build', made);
}, 600_000);

it('packs it, and finds it by KV_BACKEND in another project', async () => {
  const output = await type(commands[3], made);
  expect(output).not.toMatch(/npm (warn|error)/i);
  const other = join(base, 'try-it');
  writeFileSync(join(other, 'main.mjs'), blocksIn('js')[0] ?? '');
  expect(await type(commands[4], other)).toContain('{ stored: true }');
  expect(existsSync(join(other, 'storage/kv.sqlite'))).toBe(true);
  expect(commands).toHaveLength(5);
}, 600_000);

function read(dir: string, file: string): string {
  return readFileSync(join(dir, file), 'utf8');
}

function sourceFiles(dir: string): string[] {
  const names = readdirSync(join(dir, 'src')).toSorted();
  return names.map((name) => `src/${name}`);
}
