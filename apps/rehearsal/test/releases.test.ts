import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, inject, it } from 'vitest';
import { startRegistry } from '../src/local-registry.ts';
import { ReleaseCopy } from '../src/release-copy.ts';

const { dir, copyDir, registryDir, releases } = inject('rehearsal');
const EVERYTHING = releases.map(({ name }) => name).toSorted();

// What a release must take along is told in .changeset/README.md. What the packages hold does not matter here: nothing is built.
it('releases alone what dependents can take as it is, and otherwise them too', async () => {
  const to = join(dir, 'next-registry');
  mkdirSync(to);
  cpSync(join(registryDir, 'storage'), join(to, 'storage'), { recursive: true });
  await using registry = await startRegistry(to);
  const copy = await ReleaseCopy.make(join(dir, 'next'), copyDir);
  const releaseOf = async (name: string, bump: 'minor' | 'patch'): Promise<string[]> => {
    copy.addChangeset(name, bump);
    await copy.version();
    return (await copy.publish(registry)).map((release) => release.name).toSorted();
  };
  expect(await releaseOf('@kv/memory', 'patch')).toEqual(['@kv/memory']);
  expect(await releaseOf('@kv/core', 'patch')).toEqual(['@kv/core']);
  expect(await releaseOf('@kv/memory', 'minor')).toEqual(['@kv/memory', '@kv/sdk']);
  expect(await releaseOf('@kv/core', 'minor')).toEqual(EVERYTHING);
});
