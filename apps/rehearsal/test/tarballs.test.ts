import { globSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '@kv/tooling/run-shell';
import { expect, inject, it } from 'vitest';
import { Project } from '../src/project.ts';

const { releases } = inject('rehearsal');
const MAX_BYTES = 500 * 1024;

it('publishes every package that is not private', () => {
  const manifests = globSync('packages/*/package.json', { cwd: ROOT }).map((file) => readJson(join(ROOT, file)));
  const names = manifests.flatMap(({ name, private: isPrivate }) => (isPrivate === true ? [] : [name]));
  expect(releases.map(({ name }) => name).toSorted()).toEqual(names.toSorted());
});

it.each(releases)('packs what users of $name need, and no more', async ({ name, version }) => {
  const project = new Project();
  mkdirSync(join(project.dir, 'unpacked'));
  await project.type(`npm pack --silent ${name}@${version}\ntar -xzf *.tgz -C unpacked`);
  const dir = join(project.dir, 'unpacked/package');
  const manifest = readJson(dir, 'package.json');
  expect(manifest).toMatchObject({
    name,
    version,
    type: 'module',
    license: 'MIT',
    engines: { node: '>=22.12.0' },
    publishConfig: { access: 'public', provenance: true },
    repository: { type: 'git', directory: expect.stringMatching(/^packages\/[\w-]+$/) },
  });
  const { dependencies, peerDependencies, optionalDependencies, scripts } = manifest;
  expect(JSON.stringify({ dependencies, peerDependencies, optionalDependencies })).not.toMatch(/workspace:|catalog:/);
  expect(Object.keys(scripts ?? {})).not.toEqual(expect.arrayContaining([expect.stringMatching(/install$/)]));
  expect(readFileSync(join(dir, 'CHANGELOG.md'), 'utf8')).toContain(`## ${version}`);
  const files = readdirSync(dir, { recursive: true, encoding: 'utf8' });
  expect(files).toEqual(expect.arrayContaining(['CHANGELOG.md', 'LICENSE', 'README.md', 'dist', 'package.json']));
  const surplus = files.filter((file) => /\.map$|^(src|test|etc)\b|^tsconfig|\.tsbuildinfo$/.test(file));
  expect(surplus).toEqual([]);
  if (manifest.exports?.['.'] === undefined) return;
  expect(manifest).toMatchObject({ sideEffects: false });
  expect(Object.keys(manifest.exports['.'])).toEqual(['types', 'default']);
});

it('installs the SDK with a directory in up to 5 packages and 500 KB', async () => {
  const project = new Project();
  await project.type('npm install @kv/sdk @kv/fs');
  const { packages } = readJson(project.dir, 'node_modules/.package-lock.json');
  expect(Object.keys(packages).length).toBeLessThanOrEqual(5);
  const entries = readdirSync(join(project.dir, 'node_modules'), { recursive: true, encoding: 'utf8' });
  const sizes = entries.map((entry) => statSync(join(project.dir, 'node_modules', entry)));
  // A disk gives files room in blocks of 4 KB, and directories one of them.
  const bytes = sizes.reduce((sum, { size }) => sum + Math.ceil(size / 4096) * 4096, 0);
  expect(bytes).toBeLessThanOrEqual(MAX_BYTES);
});

it('carries the licence of what is built into @kv/fs', async () => {
  const project = new Project();
  await project.type('npm install @kv/fs mime');
  const licence = readFileSync(join(project.dir, 'node_modules/mime/LICENSE'), 'utf8');
  const carried = readFileSync(join(project.dir, 'node_modules/@kv/fs/THIRD-PARTY-LICENSES'), 'utf8');
  expect(carried).toContain(licence.trim());
});

interface Manifest {
  readonly name: string;
  readonly private?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly scripts?: Readonly<Record<string, string>>;
  readonly exports?: Readonly<Record<string, object>>;
  readonly packages: object;
}

function readJson(...path: string[]): Manifest {
  return JSON.parse(readFileSync(join(...path), 'utf8'));
}
