import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packAndServe } from '@kv/tooling/pack-and-serve';
import type { ServedPackages } from '@kv/tooling/pack-and-serve';
import { ROOT, run, succeed } from '@kv/tooling/run-shell';
import { afterAll, beforeAll, expect, it } from 'vitest';

// The page of this package, followed to the letter by a user of npm who does not have this repository.

const base = realpathSync(mkdtempSync(join(tmpdir(), 'kv-actor-')));
const made = join(base, 'my-actor');
const README = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8');
const [, lines = ''] = /^```sh\n(.*?)^```$/ms.exec(README) ?? [];
const [install, commands] = [lines.slice(0, lines.indexOf('npm run')), lines.slice(lines.indexOf('npm run')).trim()];
let packages: ServedPackages;

/** Types lines of the page, which must succeed. */
async function type(line: string, cwd = made): Promise<string> {
  return succeed(`set -e\n${line}`, cwd, { ...packages.env, NO_COLOR: '1' });
}

beforeAll(async () => {
  packages = await packAndServe(['core', 'create-actor', 'fs', 'sdk'], join(base, 'tarballs'));
}, 600_000);

afterAll(async () => {
  await packages[Symbol.asyncDispose]();
  rmSync(base, { recursive: true, force: true });
});

it('makes a project that stands alone', async () => {
  const output = await type(install, base);
  expect(output).toContain(`Made my-actor in ${made}.`);
  expect(output).not.toMatch(/npm (warn|error)/i);
  const manifest = readFileSync(join(made, 'package.json'), 'utf8');
  expect(manifest).not.toMatch(/workspace:|catalog:|link:|file:/);
  const { dependencies } = JSON.parse(manifest);
  for (const name of ['fs', 'sdk']) {
    const { version } = JSON.parse(readFileSync(join(ROOT, 'packages', name, 'package.json'), 'utf8'));
    expect({ name, range: dependencies[`@kv/${name}`] }).toEqual({ name, range: `^${version}` });
  }
  expect(existsSync(join(made, '.gitignore'))).toBe(true);
}, 600_000);

it('runs at once, on the site that comes along', async () => {
  expect(commands.split('\n')).toEqual(['npm run demo', 'npm test', 'npm run typecheck']);
  const output = await type(`npm run demo -- --port ${await freePort()}`);
  expect(output).toMatch(/Pages +│ 45[^]*OUTPUT: .*OUTPUT\.json\nREPORT: file:.*REPORT\.html/);
}, 600_000);

it('starts on an INPUT of the user, and asks for one when there is none', async () => {
  const store = join(made, 'storage/key_value_stores/default');
  await using site = await servePage('<title>Mine</title><a href="/lost">lost</a>');
  writeFileSync(join(store, 'INPUT.json'), JSON.stringify({ startUrls: [site.url], maxPages: 1 }));
  await type('npm start');
  expect(JSON.parse(readFileSync(join(store, 'OUTPUT.json'), 'utf8'))).toMatchObject({
    pages: 1,
    byStatus: { 200: 1 },
  });
  rmSync(join(made, 'storage'), { recursive: true });
  const { exitCode, output } = await run('npm start', made, packages.env);
  expect({ exitCode, output }).toMatchObject({ exitCode: 1, output: expect.stringContaining('There is no INPUT.') });
}, 600_000);

it('passes its tests and its types', async () => {
  const output = await type('npm test');
  expect(output).toMatch(/Test Files +(\d+) passed \(\1\)/);
  expect(output).toMatch(/Tests +\d{2,} passed \(\d+\)/);
  await type('npm run typecheck');
  expect(await type('git init --quiet && git status --porcelain --untracked-files=all')).not.toMatch(
    /node_modules|storage|\.test-results/,
  );
}, 600_000);

it('names in its Dockerfile all that the actor needs to run', async () => {
  // There is no container here: its steps are done in a folder, with what the file copies and nothing else.
  const image = join(base, 'image');
  const steps = readFileSync(join(made, 'Dockerfile'), 'utf8');
  const [, installing = ''] = /^RUN (if .*)$/m.exec(steps) ?? [];
  mkdirSync(image);
  for (const file of ['package.json', 'package-lock.json']) cpSync(join(made, file), join(image, file));
  await type(installing, image);
  expect(existsSync(join(image, 'node_modules/vitest'))).toBe(false);
  for (const [, file = ''] of steps.matchAll(/^COPY (\w\S*) \S+$/gm)) {
    if (!file.includes('*')) cpSync(join(made, file), join(image, file), { recursive: true });
  }
  await using site = await servePage('<title>Mine</title>');
  const store = join(image, 'storage/key_value_stores/default');
  mkdirSync(store, { recursive: true });
  writeFileSync(join(store, 'INPUT.json'), JSON.stringify({ startUrls: [site.url] }));
  const [, command = '[]'] = /^CMD (\[.*\])$/m.exec(steps) ?? [];
  await type((JSON.parse(command) as string[]).join(' '), image);
  expect(readFileSync(join(store, 'REPORT.html'), 'utf8')).toContain('Mine');
}, 600_000);

interface ServedPage extends AsyncDisposable {
  readonly url: string;
}

async function servePage(html: string): Promise<ServedPage> {
  const server = createServer((request, response) => {
    if (request.url !== '/') response.statusCode = 404;
    response.setHeader('content-type', 'text/html').end(html);
  });
  await new Promise<void>((listening) => {
    server.listen(0, '127.0.0.1', listening);
  });
  const close = async (): Promise<void> =>
    new Promise((closed) => {
      server.close(() => closed());
      server.closeAllConnections();
    });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, [Symbol.asyncDispose]: close };
}

async function freePort(): Promise<number> {
  await using page = await servePage('');
  return Number(new URL(page.url).port);
}
