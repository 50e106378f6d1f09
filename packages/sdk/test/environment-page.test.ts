import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { readActorEnv } from '../src/actor/actor-env.js';
import { OPTION_TABLE } from '../src/configuration/option-table.js';

const page = readFileSync(new URL('../../../docs/reference/environment.md', import.meta.url), 'utf8');
const [, sdk = '', run = ''] = page.split(/^##+ (?:@kv\/sdk|What the platform tells of a run|kv-server)$/m);

function codesIn(text: string): string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);
}

it('has a row in docs/reference/environment.md for every option, and for no other', () => {
  const rows = [...sdk.matchAll(/^\| `(\w+)` +\| (.+?) +\| (.+?) +\|$/gm)];
  const described = rows.map(([, option, variables = '', meaning = '']) => [
    option,
    codesIn(variables),
    /Default: `(.+)`$/.exec(meaning)?.[1],
  ]);
  const expected = Object.entries(OPTION_TABLE).map(([option, { variables, fallback }]) => [
    option,
    variables,
    fallback === undefined ? undefined : String(fallback),
  ]);
  expect(described).toEqual(expected);
});

it('names in docs/reference/environment.md every variable that getEnv() reads, and no other', () => {
  const read = new Set<string>();
  readActorEnv(new Proxy({}, { get: (_target, name) => void read.add(String(name)) }));
  const named = codesIn(run).filter((code) => /^(?:ACTOR|APIFY)_[A-Z]/.test(code));
  expect(new Set(named)).toEqual(read);
});
