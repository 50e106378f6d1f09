import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { findBlocks } from '@kv/tooling/doc-examples';
import { packAndServe } from '@kv/tooling/pack-and-serve';
import type { ServedPackages } from '@kv/tooling/pack-and-serve';
import { run } from '@kv/tooling/run-shell';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PAGES, ROOT } from '../src/pages.ts';

// The commands of the pages, typed by somebody who does not have this repository.

const base = realpathSync(mkdtempSync(join(tmpdir(), 'kv-site-')));
const children: ChildProcess[] = [];
let packages: ServedPackages;

/** The order of `ls`, and what npm asks of its registry besides packages, are those of the machine. */
const QUIET = { LC_ALL: 'C', npm_config_audit: 'false', npm_config_fund: 'false' };

beforeAll(async () => {
  const names = ['core', 'fs', 'memory', 'cloud', 'sdk', 'server', 'conformance'];
  packages = await packAndServe(names, join(base, 'tarballs'));
}, 600_000);

afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await packages[Symbol.asyncDispose]();
  rmSync(base, { recursive: true, force: true });
});

function emptyFolder(name: string): string {
  const dir = join(base, name);
  mkdirSync(dir);
  return dir;
}

/** Types lines of a page, each of which must succeed, and gives what they print, without the log of the programs. */
async function type(lines: string, cwd: string, env: Readonly<Record<string, string>> = {}): Promise<string> {
  const log = join(base, 'stderr');
  const command = `set -e\nexec 2> "${log}"\n${lines}`;
  const { exitCode, output } = await run(command, cwd, { ...packages.env, ...QUIET, ...env });
  if (exitCode === 0) return output;
  throw new Error(`This ended with ${exitCode}: ${lines}${output}${readFileSync(log, 'utf8')}`);
}

it('leads through the first five minutes', async () => {
  const dir = emptyFolder('start');
  const blocks = findBlocks(ROOT, ['docs/start.md']);
  let printed = '';
  for (const { language, code } of blocks) {
    if (language === 'js') writeFileSync(join(dir, /^\/\/ (\S+)/.exec(code)?.[1] ?? ''), code);
    if (language === 'sh') printed = await type(code, dir);
    if (language === 'text') expect(`${printed.trimEnd()}\n`.slice(-code.length)).toBe(code);
  }
  expect(new Set(blocks.map(({ language }) => language))).toEqual(new Set(['sh', 'js', 'text']));
}, 600_000);

it('installs what pages say', async () => {
  const blocks = findBlocks(ROOT, ['README.md', ...PAGES.keys()]).filter(({ language }) => language === 'sh');
  const commands = new Set(blocks.map(({ code }) => code).filter((code) => /^npm install .*\n$/.test(code)));
  expect(commands.size).toBeGreaterThan(3);
  await type(`npm init -y\n${[...commands].join('')}`, emptyFolder('install'));
}, 600_000);

it('finds nothing wrong with the doctor in what the first minutes have left', async () => {
  const blocks = findBlocks(ROOT, [...PAGES.keys()]).filter(({ code }) => code.startsWith('npx @kv/fs doctor'));
  expect(blocks.length).toBeGreaterThan(1);
  for (const { code } of blocks)
    expect(await type(code, join(base, 'start'))).toContain('1 store, 6 records: 1 info; 0 repaired.');
}, 600_000);

describe('the guide to hosting', () => {
  const blocks = findBlocks(ROOT, ['docs/guides/self-hosting.md']);
  const commands = blocks.filter(({ language }) => language === 'sh').map(({ code }) => code);
  let dir = '';
  let port = 0;
  let lines: readonly string[] = [];
  let token = '';

  /** Gives the lines of the page for the port that is free. */
  function here(code: string): string {
    return code.replaceAll('3000', String(port));
  }

  function outputAfter(code: string): string | undefined {
    const index = blocks.findIndex((block) => block.code === code);
    return blocks[index + 1]?.language === 'text' ? blocks[index + 1]?.code : undefined;
  }

  /** Starts the server as the page does, and gives its first lines. */
  async function start(command: string, count: number): Promise<readonly string[]> {
    const env = { ...process.env, ...packages.env };
    const child = spawn('bash', ['-c', `exec ${here(command).replace('npx ', 'node_modules/.bin/')}`], {
      cwd: dir,
      env,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    children.push(child);
    const found: string[] = [];
    for await (const line of createInterface(child.stdout)) if (found.push(line) === count) break;
    return found;
  }

  beforeAll(async () => {
    dir = emptyFolder('hosting');
    port = await freePort();
    await type(commands[0] ?? '', dir);
    lines = await start(commands[1] ?? '', 2);
    token = /kv_\S+$/.exec(lines[1] ?? '')?.[0] ?? '';
  }, 600_000);

  it('starts the server', () => {
    const expected = here(outputAfter(commands[1] ?? '') ?? '').replace('/srv/kv', dir);
    expect(`${lines.join('\n')}\n`.replace(token, 'kv_…')).toBe(expected);
    expect(token).toMatch(/^kv_[\w-]{43}$/);
  });

  it('has commands that do what it says', async () => {
    // The first two start the server; that behind a proxy follows.
    const others = commands.slice(2).filter((code) => !code.includes('--public-url'));
    for (const code of others) {
      const printed = await type(here(code), dir, { TOKEN: token });
      const expected = outputAfter(code);
      if (expected !== undefined) expect(printed.trimEnd()).toBe(expected.trimEnd());
    }
    expect(commands).toHaveLength(9);
  }, 600_000);

  it('has a program that opens a signed link', async () => {
    const program = blocks.find(({ language }) => language === 'ts')?.code ?? '';
    writeFileSync(join(dir, 'links.mts'), here(program).replace('my-secret-token', token));
    expect(await type('node links.mts\n', dir)).toBe(outputAfter(program));
  });

  it('gives out links to the proxy before it', async () => {
    port = await freePort();
    const command = commands.find((code) => code.includes('--public-url')) ?? '';
    await start(command, 1);
    const ask = (host: string, options = ''): string =>
      `curl -s ${options} -H "Host: ${host}" http://127.0.0.1:${port}/\n`;
    const about = await type(ask('storage.example.com'), dir);
    expect(JSON.parse(about)).toMatchObject({ api: 'https://storage.example.com/v2' });
    expect(await type(ask('other.example.com', '-o /dev/null -w "%{http_code}"'), dir)).toBe('421');
  });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => {
    server.close(resolve);
  });
  return port;
}
