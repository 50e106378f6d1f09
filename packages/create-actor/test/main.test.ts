import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { ROOT, run, succeed } from '@kv/tooling/run-shell';
import type { CommandRun } from '@kv/tooling/run-shell';
import { afterEach, beforeEach, expect, it } from 'vitest';

const MAIN = join(import.meta.dirname, '../dist/main.js');
const APP = join(ROOT, 'apps/example-actor');
const ONE_LINE = /^[^\n]+\n$/;
let dir = '';

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'kv-create-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

async function create(args: string, cwd = dir): Promise<CommandRun> {
  return run(`node "${MAIN}" ${args}`, cwd);
}

function filesIn(project: string): string[] {
  const entries = readdirSync(project, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return files
    .map(({ parentPath, name }) => relative(project, join(parentPath, name)).replaceAll('\\', '/'))
    .toSorted();
}

function readJson(...path: string[]): Record<string, Record<string, string>> {
  return JSON.parse(readFileSync(join(...path), 'utf8'));
}

it('makes a project of the files of the example actor, each as it is', async () => {
  await succeed(`node "${MAIN}" my-actor`, dir);
  const known = await succeed('git ls-files --cached --others --exclude-standard', APP);
  const files = [...new Set(known.trim().split('\n'))].filter((file) => existsSync(join(APP, file)));
  expect(filesIn(join(dir, 'my-actor'))).toEqual(files.filter((file) => file !== 'turbo.json').toSorted());
  const differing = filesIn(join(dir, 'my-actor')).filter(
    (file) => !readFileSync(join(dir, 'my-actor', file)).equals(readFileSync(join(APP, file))),
  );
  expect(differing).toEqual(['package.json']);
});

it('makes a package.json that differs in what it must', async () => {
  await succeed(`node "${MAIN}" my-actor`, dir);
  const [app, made] = [readJson(APP, 'package.json'), readJson(dir, 'my-actor/package.json')];
  const { dependencies: own } = readJson(import.meta.dirname, '../package.json');
  const { license, ...kept } = app;
  expect(license).toBe('MIT');
  expect(made).toEqual({
    ...kept,
    name: 'my-actor',
    scripts: { ...app['scripts'], test: 'vitest run --testTimeout 240000' },
    dependencies: { ...app['dependencies'], ...own },
  });
  // Those of this package are what `pnpm pack` makes of them; outside.test.ts looks at that.
  expect(Object.keys(own ?? {})).toEqual(
    Object.keys(app['dependencies'] ?? {}).filter((name) => name.startsWith('@kv/')),
  );
  const plain = Object.values({ ...app['dependencies'], ...app['devDependencies'] });
  expect(plain).toEqual(plain.map(() => expect.stringMatching(/^\^\d+\.\d+\.\d+$/)));
});

it('asks for the versions of the catalog', async () => {
  const { dependencies, devDependencies } = readJson(APP, 'package.json');
  const catalog = readFileSync(join(ROOT, 'pnpm-workspace.yaml'), 'utf8');
  const shared = Object.entries({ ...dependencies, ...devDependencies }).flatMap(([name, range]) => {
    const found = new RegExp(`^  '?${name}'?: (\\S+)$`, 'm').exec(catalog)?.[1];
    return found === undefined ? [] : [{ name, range, found }];
  });
  expect(shared.map(({ name }) => name)).toEqual(expect.arrayContaining(['@types/node', 'typescript', 'vitest']));
  expect(shared).toEqual(shared.map(({ name, found }) => ({ name, range: found, found })));
});

it.each([
  ['', 'my-actor', 'my-actor', '  cd my-actor\n'],
  ['@acme/my-actor', 'my-actor', '@acme/my-actor', '  cd my-actor\n'],
  ['deep/down/one', 'deep/down/one', 'one', '  cd deep/down/one\n'],
  ['"My Actor"', 'My Actor', 'my-actor', '  cd "My Actor"\n'],
  ['-- -x', '-x', 'x', '  cd -x\n'],
])('takes the name %j', async (args, folder, name, step) => {
  const { exitCode, output } = await create(args);
  expect({ exitCode, output }).toMatchObject({ exitCode: 0, output: expect.stringContaining(step) });
  expect(output).toContain(`Made ${name} in ${join(dir, folder)}. Next:`);
  expect(readJson(dir, folder, 'package.json')['name']).toBe(name);
});

it('takes the folder that the user is in, when it is empty or a repository without a file', async () => {
  const here = join(dir, 'Here');
  mkdirSync(join(here, '.git'), { recursive: true });
  const { exitCode, output } = await create('.', here);
  expect({ exitCode, output }).toMatchObject({ exitCode: 0, output: expect.not.stringContaining('cd ') });
  expect(readJson(here, 'package.json')['name']).toBe('here');
});

it('refuses a folder that holds something, and leaves it as it is', async () => {
  mkdirSync(join(dir, 'mine/.git'), { recursive: true });
  writeFileSync(join(dir, 'mine/notes.txt'), 'mine');
  const { exitCode, output } = await create('mine');
  expect({ exitCode, output }).toEqual({
    exitCode: 1,
    output: `The folder ${join(dir, 'mine')} is not empty: it holds notes.txt. Choose another name, or empty it.\n`,
  });
  expect(filesIn(dir)).toEqual(['mine/notes.txt']);
});

it('refuses a file, and what is below one', async () => {
  writeFileSync(join(dir, 'file'), 'mine');
  expect(await create('file')).toEqual({
    exitCode: 1,
    output: `${join(dir, 'file')} is a file. Choose another name, or move it away.\n`,
  });
  for (const place of ['file/my-actor', 'file/deep/my-actor']) {
    const { exitCode, output } = await create(place);
    expect({ exitCode, output }).toEqual({ exitCode: 1, output: expect.stringMatching(ONE_LINE) });
    expect(output).toContain(`The folder ${join(dir, place)} cannot be made: ENOTDIR`);
    expect(output).toContain('Choose another place.');
  }
  expect(readFileSync(join(dir, 'file'), 'utf8')).toBe('mine');
});

it.skipIf(process.platform === 'win32')('says so when the folder cannot be made (not on Windows)', async () => {
  symlinkSync(join(dir, 'nowhere'), join(dir, 'dangling'));
  // Root may write anywhere, so the command gives up that right; the build must be readable to all for that.
  const places = { 'dangling/my-actor': /ENOENT|EEXIST/, 'locked/my-actor': /EACCES/ };
  mkdirSync(join(dir, 'locked'), { mode: 0o555 });
  const nobody = process.getuid?.() === 0 ? 'setpriv --bounding-set=-all --inh-caps=-all ' : '';
  for (const [place, reason] of Object.entries(places)) {
    const { exitCode, output } = await run(`${nobody}node "${MAIN}" ${place}`, dir);
    expect({ place, exitCode, output }).toEqual({ place, exitCode: 1, output: expect.stringMatching(ONE_LINE) });
    expect(output).toMatch(`The folder ${join(dir, place)} cannot be made: `);
    expect(output).toMatch(reason);
  }
});

it('explains itself', async () => {
  for (const option of ['--help', '-h']) {
    const { exitCode, output } = await create(option);
    expect({ exitCode, output }).toMatchObject({
      exitCode: 0,
      output: expect.stringContaining('npm create @kv/actor [NAME]'),
    });
  }
  for (const [args, reason] of [
    ['one two', 'One name is needed.'],
    ['--force one', "Unknown option '--force'"],
    ['""', 'An empty text names no folder.'],
  ]) {
    const { exitCode, output } = await create(String(args));
    expect({ exitCode, output }).toMatchObject({ exitCode: 1, output: expect.stringContaining(String(reason)) });
    expect(output).not.toMatch(/^ +at /m);
  }
  expect(readdirSync(dir)).toEqual([]);
});
