import { cpSync, globSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, inject, it } from 'vitest';
import { startRegistry } from '../src/local-registry.ts';
import { ReleaseCopy } from '../src/release-copy.ts';

const { dir, copyDir, registryDir } = inject('rehearsal');

// What a release must take along is told in .changeset/README.md. What the packages hold does not matter here: nothing is built.
it('releases alone what dependents can take as it is, and otherwise them too', async () => {
  const to = join(dir, 'next-registry');
  mkdirSync(to);
  cpSync(join(registryDir, 'storage'), join(to, 'storage'), { recursive: true });
  await using registry = await startRegistry(to);
  const copy = await ReleaseCopy.make(join(dir, 'next'), copyDir);
  const withCore = packagesWithCore(copy.dir);
  const version = async (name: string, bump: 'minor' | 'patch'): Promise<string[]> => {
    copy.addChangeset(name, bump);
    return (await copy.version()).toSorted();
  };
  const publish = async (): Promise<string[]> => (await copy.publish(registry)).map(({ name }) => name).toSorted();

  expect(await version('@kv/memory', 'patch')).toEqual(['@kv/memory']);
  expect(await publish()).toEqual(['@kv/memory']);
  expect(await version('@kv/core', 'minor')).toEqual(withCore);
  expect(await publish()).toEqual(withCore);
  expect(await version('@kv/core', 'patch')).toEqual(['@kv/core']);
  expect(await version('@kv/memory', 'minor')).toEqual(['@kv/memory', '@kv/sdk']);
});

/** Finds the published packages that depend on the core, and the core. */
function packagesWithCore(root: string): string[] {
  return globSync('packages/*/package.json', { cwd: root })
    .map((file) => JSON.parse(readFileSync(join(root, file), 'utf8')))
    .filter(({ name, dependencies }) => name === '@kv/core' || dependencies?.['@kv/core'] !== undefined)
    .map(({ name }): string => name)
    .toSorted();
}
