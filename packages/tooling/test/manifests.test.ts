import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { ROOT } from '../src/run-shell.ts';

interface Manifest {
  readonly name: string;
  readonly private?: boolean;
  readonly bin?: Readonly<Record<string, string>>;
  readonly exports?: object;
  readonly files?: readonly string[];
  readonly sideEffects?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, object>>;
}

const REPOSITORY = 'https://github.com/kv-storage/kv';
const OWN_MANIFEST = { './package.json': './package.json' };
const ENTRY = { '.': { types: './dist/index.d.ts', default: './dist/index.js' } };
/** What goes into tarballs besides the build and the changelog. */
const OTHER_FILES: Readonly<Record<string, readonly string[]>> = {
  '@kv/create-backend': ['template/skeleton', 'template/standalone'],
  '@kv/fs': ['THIRD-PARTY-LICENSES'],
};

const packages = globSync('packages/*/package.json', { cwd: ROOT })
  .map((file) => ({ dir: dirname(file).replaceAll('\\', '/'), manifest: readManifest(file) }))
  .filter(({ manifest }) => manifest.private !== true);

it.each(packages)('$dir has the form of a published package', ({ dir, manifest }) => {
  expect(manifest).toMatchObject({
    name: `@kv/${basename(dir)}`,
    version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
    description: expect.stringMatching(/\.$/),
    keywords: expect.arrayContaining([expect.any(String)]),
    homepage: `${REPOSITORY}/tree/main/${dir}#readme`,
    bugs: `${REPOSITORY}/issues`,
    license: 'MIT',
    repository: { type: 'git', url: `git+${REPOSITORY}.git`, directory: dir },
    type: 'module',
    publishConfig: { access: 'public', provenance: true },
    engines: { node: '>=22.12.0' },
  });
  expect(existsSync(join(ROOT, dir, 'README.md'))).toBe(true);
  const files = ['dist', 'CHANGELOG.md', ...(OTHER_FILES[manifest.name] ?? [])];
  expect(manifest.files?.toSorted()).toEqual(files.toSorted());
});

it.each(packages)('$dir exports its entry, types first, and its package.json', ({ dir, manifest }) => {
  const hasEntry = existsSync(join(ROOT, dir, 'src/index.ts'));
  // The order counts: the first condition that holds is taken.
  expect(JSON.stringify(manifest.exports)).toBe(JSON.stringify({ ...(hasEntry ? ENTRY : {}), ...OWN_MANIFEST }));
  expect(manifest.sideEffects).toBe(hasEntry ? false : undefined);
});

it.each(packages)('$dir declares its commands', ({ dir, manifest }) => {
  const bins = join(ROOT, dir, 'src/bin');
  const commands = existsSync(bins) ? readdirSync(bins).filter((file) => file.startsWith('kv-')) : [];
  const expected = commands.map((file) => [basename(file, '.ts'), `./dist/bin/${basename(file, '.ts')}.js`]);
  if (existsSync(join(ROOT, dir, 'src/main.ts'))) expected.push([basename(dir), 'dist/main.js']);
  expect(Object.entries(manifest.bin ?? {})).toEqual(expected);
});

it('the SDK takes every backend of this repository as an optional peer', () => {
  const isBackend = ({ dir }: { dir: string }): boolean => {
    const { tags } = JSON.parse(readFileSync(join(ROOT, dir, 'turbo.json'), 'utf8')) as { tags: string[] };
    return tags.includes('backend');
  };
  const backends = packages.filter(isBackend).map(({ manifest }) => manifest.name);
  const { peerDependencies, peerDependenciesMeta } = readManifest('packages/sdk/package.json');
  expect(peerDependencies).toEqual(Object.fromEntries(backends.map((name) => [name, 'workspace:^'])));
  expect(peerDependenciesMeta).toEqual(Object.fromEntries(backends.map((name) => [name, { optional: true }])));
});

it('the generator of actors depends on what the example actor needs, so that it is released with it', () => {
  const own = ({ dependencies = {} }: Manifest): string[] =>
    Object.keys(dependencies).filter((name) => name.startsWith('@kv/'));
  const generator = readManifest('packages/create-actor/package.json');
  expect(own(generator)).toEqual(own(readManifest('apps/example-actor/package.json')));
});

function readManifest(file: string): Manifest {
  return JSON.parse(readFileSync(join(ROOT, file), 'utf8'));
}
