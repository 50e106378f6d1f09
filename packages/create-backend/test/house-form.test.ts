import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '@kv/tooling/run-shell';
import { expect, it } from 'vitest';

const TEMPLATE = join(import.meta.dirname, '../template/repo/packages/template');
const MEMORY = join(ROOT, 'packages/memory');

function readJson(...path: string[]): Record<string, unknown> {
  return JSON.parse(readFileSync(join(...path), 'utf8'));
}

it.each(['tsconfig.json', 'tsconfig.build.json', 'turbo.json', 'api-extractor.json'])(
  'makes the %s that the other backends have',
  (file) => expect(readJson(TEMPLATE, `_${file}`)).toEqual(readJson(MEMORY, file)),
);

it('makes a package.json like that of the other backends', () => {
  const fields = ['license', 'files', 'type', 'sideEffects', 'exports', 'publishConfig', 'scripts', 'engines', 'bugs'];
  const [made, house] = [readJson(TEMPLATE, '_package.json'), readJson(MEMORY, 'package.json')];
  expect(Object.keys(made)).toEqual(Object.keys(house));
  for (const field of fields) expect({ [field]: made[field] }).toEqual({ [field]: house[field] });
});
