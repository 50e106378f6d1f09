import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '@kv/tooling/run-shell';
import type { CommandRun } from '@kv/tooling/run-shell';
import { afterEach, beforeEach, expect, it } from 'vitest';

const MAIN = join(import.meta.dirname, '../src/main.ts');
let dir = '';

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'kv-create-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

async function create(args: string): Promise<CommandRun> {
  return run(`node "${MAIN}" ${args}`, dir);
}

it.each([
  ['kv-redis', 'kv-redis', 'redis', 'RedisStorageBackend'],
  ['my-backend', 'my-backend', 'my', 'MyStorageBackend'],
  ['@acme/kv-cosmos-db', 'kv-cosmos-db', 'cosmos-db', 'CosmosDbStorageBackend'],
  ['s3', 's3', 's3', 'S3StorageBackend'],
])('names everything after %s', async (packageName, folder, word, className) => {
  const { exitCode, output } = await create(packageName);
  expect({ exitCode, output }).toMatchObject({ exitCode: 0, output: expect.stringContaining(`cd ${folder}\n`) });
  const root = join(dir, folder);
  const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const texts = files.map(({ parentPath, name }) => readFileSync(join(parentPath, name), 'utf8'));
  expect(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).name).toBe(packageName);
  expect(readFileSync(join(root, 'src', `${word}-storage-backend.ts`), 'utf8')).toContain(`export class ${className} `);
  expect(files.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['.gitignore', 'ci.yml', 'LICENSE', 'README.md']),
  );
  expect([...files.map(({ name }) => name), ...texts].join('\n')).not.toMatch(/template/i);
});

it('makes nothing under a name that is none', async () => {
  expect(await create('../redis')).toMatchObject({
    exitCode: 1,
    output: expect.stringContaining('"../redis" cannot be'),
  });
  expect(readdirSync(dir)).toEqual([]);
});

it('takes an empty folder, and refuses one that holds something, and a file', async () => {
  mkdirSync(join(dir, 'kv-empty'));
  expect(await create('kv-empty')).toMatchObject({ exitCode: 0 });
  expect((await create('kv-empty')).output).toMatch(
    /The folder \S+kv-empty is not empty: it holds \S+\. Choose another name/,
  );
  writeFileSync(join(dir, 'kv-file'), 'mine');
  expect(await create('kv-file')).toMatchObject({ exitCode: 1, output: expect.stringContaining('kv-file is a file.') });
  expect(readFileSync(join(dir, 'kv-file'), 'utf8')).toBe('mine');
});

it('explains itself', async () => {
  expect(await create('--help')).toMatchObject({
    exitCode: 0,
    output: expect.stringContaining('npm create @kv/backend NAME'),
  });
  for (const args of ['', 'one two', '--force kv-x']) {
    const { exitCode, output } = await create(args);
    expect({ exitCode, output }).toMatchObject({ exitCode: 1, output: expect.not.stringMatching(/^ +at /m) });
  }
  expect((await create('')).output).toContain('npm create @kv/backend NAME');
});
