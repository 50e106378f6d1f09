import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runCommand } from '../src/bin/run-command.js';
import { FINDING_KINDS } from '../src/doctor/finding-kinds.js';
import type { DoctorReport } from '../src/index.js';
import { age } from './doctor-helpers.js';
import { openStore, put, tempDir } from './helpers.js';

const packageDir = join(import.meta.dirname, '..');

async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  let out = '';
  let err = '';
  const code = await runCommand(args, { out: (text) => (out += text), err: (text) => (err += text) });
  return { code, out, err };
}

async function damaged(): Promise<string> {
  const { dir, backend, path } = await openStore();
  const named = await backend.openKeyValueStore({ name: 'named' });
  await put(named, 'photo', 'png', 'image/png');
  writeFileSync(join(path, 'STATE.json'), '{"a":');
  writeFileSync(join(path, '.env'), '');
  writeFileSync(join(path, '../named/photo.__metadata__.json'), '');
  age(dir);
  return dir;
}

describe('kv-fs doctor', () => {
  it('says that nothing is wrong', async () => {
    const { dir, store } = await openStore();
    await put(store, 'k', '1');
    expect(await run('doctor', dir)).toEqual({ code: 0, out: '1 store, 1 record: nothing found.\n', err: '' });
  });

  it('says what is wrong, by store, a line each, and repairs it', async () => {
    const dir = await damaged();
    const found = await run('doctor', dir);
    expect(found).toMatchObject({ code: 1, err: '' });
    const lines = found.out.split('\n');
    expect(lines.map((line) => line.slice(0, 55).trimEnd())).toEqual([
      'Store "default"',
      '  info    no-record  key_value_stores/default/.env: /tm',
      '  error   json-corrupt  key_value_stores/default/STATE.',
      '',
      'Store "named"',
      '  error   sidecar-corrupt  key_value_stores/named/photo',
      '',
      '2 stores, 1 record: 2 errors, 1 info; 0 repaired.',
      '',
    ]);
    expect(lines[2]).toContain('(key "STATE"): The record "STATE" is not valid JSON:');
    expect(lines[2]).toMatch(/ Repair: Moves it to the quarantine\.$/);

    const repaired = await run('doctor', '--repair', dir);
    expect(repaired.code).toBe(0);
    expect(repaired.out).toContain('2 errors, 1 info; 2 repaired.');
    expect(repaired.out).toMatch(/ Repaired: Moves it to the quarantine\.$/m);
    expect(repaired.out).toContain(`What was moved lies in ${join(dir, '.kv/quarantine/')}`);
    expect((await run('doctor', dir)).code).toBe(0);
  });

  it('prints the report as JSON', async () => {
    const { code, out } = await run('doctor', await damaged(), '--json');
    const report = JSON.parse(out) as DoctorReport;
    expect(code).toBe(1);
    expect(report).toMatchObject({ stores: 2, records: 1 });
    expect(report.findings.map((finding) => finding.code)).toEqual(['no-record', 'json-corrupt', 'sidecar-corrupt']);
  });

  it.each([
    [[], 'Usage: kv-fs doctor DIR'],
    [['doctor'], 'Usage: kv-fs doctor DIR'],
    [['doctor', 'a', 'b'], 'Usage: kv-fs doctor DIR'],
    [['heal', '.'], 'Usage: kv-fs doctor DIR'],
    [['doctor', '.', '--force'], "Unknown option '--force'"],
    [['doctor', '/no/such/place'], 'There is no directory /no/such/place'],
    [['doctor', join(packageDir, 'package.json')], 'a file stands where a directory should be'],
  ])('does not understand %j', async (args, message) => {
    const { code, out, err } = await run(...args);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(message);
  });

  it('prints help', async () => {
    for (const flag of ['--help', '-h']) {
      expect(await run(flag)).toMatchObject({ code: 0, err: '', out: expect.stringContaining('--repair') as string });
    }
  });
});

it('is what npx runs for the name of the packed package', { timeout: 120_000 }, async () => {
  const dir = await damaged();
  const project = tempDir();
  const modules = join(project, 'node_modules');
  unpack('../core', join(modules, '@kv/core'));
  unpack('node_modules/mime', join(modules, 'mime'));
  unpack('.', join(modules, '@kv/fs'));
  const { bin } = JSON.parse(readFileSync(join(modules, '@kv/fs/package.json'), 'utf8')) as {
    bin: Record<string, string>;
  };
  // Installing them would need a registry; all that it does besides is to link the commands.
  mkdirSync(join(modules, '.bin'));
  for (const [name, path] of Object.entries(bin)) {
    chmodSync(join(modules, '@kv/fs', path), 0o755);
    symlinkSync(join('../@kv/fs', path), join(modules, '.bin', name));
  }
  const npx = spawnSync('npx', ['--offline', '--no', '@kv/fs', 'doctor', dir, '--json'], {
    cwd: project,
    encoding: 'utf8',
  });
  expect(npx).toMatchObject({ status: 1, stderr: '' });
  expect(JSON.parse(npx.stdout)).toMatchObject({ dir, stores: 2 });
});

/** Packs a package, and unpacks it elsewhere. */
function unpack(source: string, target: string): void {
  mkdirSync(target, { recursive: true });
  const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', target];
  const cwd = join(packageDir, source);
  const [packed] = JSON.parse(execFileSync('npm', args, { cwd, encoding: 'utf8' })) as [{ filename: string }];
  execFileSync('tar', ['-xzf', join(target, packed.filename), '-C', target, '--strip-components=1']);
}

it('has a row in docs/reference/doctor.md for every finding, and for no other', () => {
  const page = readFileSync(join(packageDir, '../../docs/reference/doctor.md'), 'utf8');
  const rows = [...page.matchAll(/^\| `(.+?)` +\| (.+?) +\| (.+?) +\| (.+?) +\|$/gm)].map((row) => row.slice(1));
  const expected = Object.entries(FINDING_KINDS).map(([code, { severity, meaning, remedy }]) => [
    code,
    severity,
    meaning,
    remedy,
  ]);
  expect(rows).toEqual(expected);
  expect(Object.keys(FINDING_KINDS)).toEqual(Object.keys(FINDING_KINDS).toSorted());
});
