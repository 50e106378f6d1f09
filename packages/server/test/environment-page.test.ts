import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { FLAGS, parseFlags } from '../src/bin/flags.js';
import type { FlagName } from '../src/bin/flags.js';

const page = readFileSync(new URL('../../../docs/reference/environment.md', import.meta.url), 'utf8');

it('has a row in docs/reference/environment.md for every flag and its variable, and for no other', () => {
  const described = [...page.matchAll(/^\| `(KV_SERVER_\w+)` +\| `--([\w-]+)(?: (\w+))?` +\|/gm)].map((row) =>
    row.slice(1),
  );
  const names = (Object.keys(FLAGS) as FlagName[]).filter((name) => name !== 'help');
  expect(described).toEqual(names.map((name) => [variableOf(name), name, FLAGS[name].value]));
});

/** Finds the variable that stands for a flag. */
function variableOf(name: FlagName): string | undefined {
  let variable: string | undefined;
  const env = new Proxy({}, { get: (_target, property) => void (variable = String(property)) });
  parseFlags([], env).text(name);
  return variable;
}
