import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, globSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it, onTestFinished } from 'vitest';

interface Manifest {
  readonly name: string;
  readonly private?: boolean;
  readonly scripts?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly publishConfig?: { readonly provenance?: boolean };
}

const packageDir = join(import.meta.dirname, '..');

function readManifest(dir: string): Manifest {
  return JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8')) as Manifest;
}

/** Finds the directory of a dependency as Node does. */
function resolveDependency(from: string, name: string): string {
  const dir = join(from, 'node_modules', name);
  if (existsSync(join(dir, 'package.json'))) return realpathSync(dir);
  if (dirname(from) === from) throw new Error(`${name} is not installed.`);
  return resolveDependency(dirname(from), name);
}

/** Gives the directories of everything that is installed with a package. */
function installedWith(dir: string, seen: Set<string> = new Set()): ReadonlySet<string> {
  for (const name of Object.keys(readManifest(dir).dependencies ?? {})) {
    const dependency = resolveDependency(dir, name);
    if (seen.has(dependency)) continue;
    seen.add(dependency);
    installedWith(dependency, seen);
  }
  return seen;
}

describe('what is installed with the server', () => {
  it('is little, and runs nothing when it is installed', () => {
    const { dependencies = {}, scripts = {} } = readManifest(packageDir);
    expect(Object.keys(dependencies).length).toBeLessThanOrEqual(10);
    expect(Object.keys(scripts).filter((name) => /install|prepare/.test(name))).toEqual([]);
    const installed = [...installedWith(packageDir)];
    expect(installed.length).toBeGreaterThan(Object.keys(dependencies).length);
    for (const dir of installed) {
      const { name, scripts: given = {} } = readManifest(dir);
      const run = Object.keys(given).filter((script) => /^(pre|post)?install$/.test(script));
      expect([name, run, existsSync(join(dir, 'binding.gyp'))]).toEqual([name, [], false]);
    }
  });

  it('says where it was built', () => {
    const manifests = globSync('../*/package.json', { cwd: packageDir }).map((file) =>
      readManifest(join(packageDir, dirname(file))),
    );
    const published = manifests.filter((manifest) => manifest.private !== true);
    expect(published.length).toBeGreaterThan(5);
    for (const { name, publishConfig } of published) expect([name, publishConfig?.provenance]).toEqual([name, true]);
  });
});

/** Runs a command as a user without rights, on a disk that cannot be written but for the directory that comes first. */
const CONFINE = [
  '--user',
  '--map-root-user',
  '--mount',
  '--propagation',
  'private',
  'sh',
  '-c',
  'mount --bind "$1" "$1" && mount -o remount,bind,ro / && shift && exec unshare --user --map-user=1000 --map-group=1000 "$@"',
  'sh',
];
const canConfine = spawnSync('unshare', [...CONFINE, packageDir, 'sh', '-c', 'true']).status === 0;

describe.skipIf(!canConfine)(
  'a server that may do little (needs Linux, and that it allows namespaces of users)',
  () => {
    it('runs without rights, on a disk that cannot be written but for its data', async () => {
      const dir = mkdtempSync(join(tmpdir(), 'kv-server-confined-'));
      const bin = join(packageDir, 'dist/bin/kv-server.js');
      const outside = `test "$(id -u)" = 1000 && ! touch '${dir}-outside'`;
      expect(spawnSync('unshare', [...CONFINE, dir, 'sh', '-c', outside]).status).toBe(0);
      const args = [bin, '--dir', join(dir, 'data'), '--port', '0', '--token', 'secret'];
      const child = spawn('unshare', [...CONFINE, dir, process.execPath, ...args], {
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
      onTestFinished(() => void child.kill('SIGKILL'));
      const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
      const url = /http:\S+?(?=\. )/.exec(line)?.[0] ?? '';
      const headers = { authorization: 'Bearer secret' };
      const created = await fetch(`${url}/v2/key-value-stores?name=confined`, { method: 'POST', headers });
      const { data } = (await created.json()) as { data: { id: string } };
      const record = `${url}/v2/key-value-stores/${data.id}/records/a`;
      const body = new Blob([new Uint8Array(5_000_000)]).stream();
      expect((await fetch(record, { method: 'PUT', body, headers, duplex: 'half' })).status).toBe(201);
      expect((await (await fetch(record, { headers })).arrayBuffer()).byteLength).toBe(5_000_000);
      const exit = once(child, 'exit');
      child.kill('SIGTERM');
      expect(await exit).toEqual([0, null]);
      expect(readdirSync(join(dir, 'data'))).not.toEqual([]);
    });
  },
);
