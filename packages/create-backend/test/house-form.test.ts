import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ROOT } from './support/run.ts';

const TEMPLATE = join(import.meta.dirname, '../template/repo/packages/template');
const MEMORY = join(ROOT, 'packages/memory');

function readJson(...path: string[]): Record<string, unknown> {
  return JSON.parse(readFileSync(join(...path), 'utf8'));
}

it.each(['tsconfig.json', 'tsconfig.build.json', 'turbo.json', 'api-extractor.json'])(
  'makes the %s that the other backends have',
  (file) => expect(readJson(TEMPLATE, `_${file}`)).toEqual(readJson(MEMORY, file)),
);

it('makes the package.json that the other backends have', () => {
  const { name, description, homepage, repository, ...form } = readJson(TEMPLATE, '_package.json');
  const { name: _, description: __, homepage: ___, repository: ____, ...house } = readJson(MEMORY, 'package.json');
  expect(form).toEqual(house);
  expect(name).toBe('@kv/template');
  expect(description).toContain('template');
  expect(JSON.stringify([homepage, repository])).not.toContain('memory');
});
