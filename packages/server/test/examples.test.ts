import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { findExamples, runExample } from '@kv/tooling/doc-examples';
import { afterAll, beforeAll, expect, it } from 'vitest';

const packageDir = join(import.meta.dirname, '..');
const shellBlocks = [...readFileSync(join(packageDir, 'README.md'), 'utf8').matchAll(/^```sh\n(.*?)^```$/gms)].map(
  ([, code = '']) => code,
);
const dir = mkdtempSync(join(tmpdir(), 'kv-server-readme-'));
const command = `"${process.execPath}" "${join(packageDir, 'dist/bin/kv-server.js')}"`;

let url = '';
let stop: () => void;

/** Runs a block of the README: the package is not published yet, and the port may be taken. */
function shell(block: string): string {
  const code = block.replaceAll('npx @kv/server', command).replaceAll('http://127.0.0.1:3000', url);
  return execFileSync('bash', ['-ec', code], { cwd: dir, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

beforeAll(async () => {
  const start = shellBlocks.find((block) => block.includes('--port 3000')) ?? '';
  const code = start.replace('npx @kv/server', `exec ${command}`).replace('--port 3000', '--port 0');
  const child = spawn('bash', ['-c', code], { cwd: dir, stdio: ['ignore', 'pipe', 'ignore'] });
  const [line] = await new Promise<[string]>((resolve) => {
    createInterface(child.stdout).once('line', (text) => resolve([text]));
  });
  url = /http:\S+?(?=\. )/.exec(line)?.[0] ?? '';
  stop = () => child.kill();
});

afterAll(() => {
  stop();
  rmSync(dir, { recursive: true, force: true });
});

it('runs the commands for curl in the README', () => {
  const curl = shellBlocks.find((block) => block.startsWith('curl')) ?? '';
  expect(shell(curl)).toMatch(/^\{"data":\{"id":"\w{17}","name":"pictures",.*\}\{\}Hello!$/s);
});

it('runs the commands for users and tokens in the README', () => {
  const lines = (shellBlocks.find((block) => block.includes('user add')) ?? '').trim().split('\n');
  const outputs = lines.slice(0, 3).map((line) => shell(`${line} --dir ./storage`));
  const id = /token revoke (\w+)/.exec(outputs[1] ?? '')?.[1] ?? '';
  expect(outputs[2]).toContain(`${id}  ann  read`);
  expect(shell(`${(lines[3] ?? '').replace('1a2b3c4d', id)} --dir ./storage`)).toBe(`The token ${id} is revoked.\n`);
});

it.each(findExamples(packageDir, ['README.md', 'src/**/*.ts']))(
  'runs the example in $title',
  async (example) => {
    const code = example.code.replaceAll('http://127.0.0.1:3000', url);
    const { exitCode, stdout, stderr } = await runExample(packageDir, { ...example, code });
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0, stderr: expect.not.stringContaining('Error') });
    if (example.output !== undefined)
      expect(
        stdout
          .split('\n')
          .filter((line) => !line.includes('INFO'))
          .join('\n'),
      ).toBe(example.output);
  },
  60_000,
);
