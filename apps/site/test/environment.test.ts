import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ROOT } from '../src/pages.ts';

// Their tests compare what they read with docs/reference/environment.md.
const READERS = [
  'packages/sdk/src/actor/actor-env.ts',
  'packages/sdk/src/configuration/configuration.ts',
  'packages/server/src/bin/kv-server.ts',
];

it('reads the environment nowhere but where the page on it knows', () => {
  const files = globSync(['packages/*/src/**/*.ts', 'packages/create-*/template/**/*.ts'], { cwd: ROOT })
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => !file.startsWith('packages/tooling/'));
  const isReader = (file: string): boolean =>
    readFileSync(join(ROOT, file), 'utf8')
      .replaceAll(/^ *(?:\/\/|\*|\/\*).*$/gm, '')
      .includes('process.env');
  expect(files.filter(isReader).toSorted()).toEqual(READERS);
});
