import { basename, dirname, join, resolve } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { projectPlace } from '../src/project-place.ts';

it.each([
  ['my-actor', 'my-actor', 'my-actor'],
  ['./deep/down/my-actor/', 'deep/down/my-actor', 'my-actor'],
  ['/somewhere/else', '/somewhere/else', 'else'],
  ['@acme/my-actor', 'my-actor', '@acme/my-actor'],
  ['@acme/My Actor', '@acme/My Actor', 'my-actor'],
  ['@acme/my-actor/deeper', '@acme/my-actor/deeper', 'deeper'],
  ['My Actor', 'My Actor', 'my-actor'],
  ['Äctor №1!', 'Äctor №1!', 'actor-no1'],
  ['.hidden', '.hidden', 'hidden'],
  ['_under_score.js', '_under_score.js', 'under_score.js'],
  ['俳優', '俳優', 'my-actor'],
  ['fs', 'fs', 'fs-actor'],
  ['node_modules', 'node_modules', 'node_modules-actor'],
  ['.', '.', basename(resolve('.'))],
  ['..', '..', basename(resolve('..'))],
  ['/', '/', 'my-actor'],
])('takes %j for the folder %j, and names the package %j', (typed, dir, name) => {
  expect(projectPlace(typed)).toEqual({ dir: resolve(dir), name });
});

it.each(['', ' ', '\n'])('refuses %j', (typed) => {
  expect(() => projectPlace(typed)).toThrow('An empty text names no folder. Try my-actor, or . for this one.');
});

it('finds a name that npm takes for a folder of any name, and goes into that folder', () => {
  const folders = fc.string({ unit: 'binary', minLength: 1, maxLength: 300 }).filter((name) => !/[/\\]/.test(name));
  fc.assert(
    fc.property(folders, (folder) => {
      const { dir, name } = projectPlace(join('/tmp/projects', `a${folder}`));
      expect(dirname(dir)).toBe('/tmp/projects');
      expect(basename(dir)).toBe(`a${folder}`);
      expect(name).toMatch(/^[a-z0-9][a-z0-9._-]{0,213}$/);
    }),
  );
});
