import { readFileSync } from 'node:fs';
import { HTTP_ERRORS } from '@kv/core';
import { expect, it } from 'vitest';
import { routes } from '../src/http/routes.js';

const page = readFileSync(new URL('../../../docs/reference/rest-api.md', import.meta.url), 'utf8');

/** Gives the rows of the table under a heading, without the backquotes. */
function rowsOf(head: string): string[][] {
  const [, table = ''] = page.split(new RegExp(`^\\| ${head}.*\\n\\| --.*\\n`, 'm'));
  const lines = table.split('\n\n')[0]?.split('\n') ?? [];
  return lines.map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim().replaceAll('`', '')),
  );
}

it('has a row in docs/reference/rest-api.md for every route, and for no other', () => {
  const stores = rowsOf('`{store}`').map(([path = '']) => path);
  const described = rowsOf('Method').flatMap(([method, path = '', summary, right, link]) => {
    const paths = path.startsWith('{store}') ? stores.map((store) => path.replace('{store}', store)) : [path];
    return paths.map((full) => ({ method, path: full, summary, right, isSigned: link === 'yes' }));
  });
  const expected = routes.map(({ method, path, summary, right, link }) => {
    return { method, path: path.replaceAll(/:(\w+)/g, '{$1}'), summary, right, isSigned: link !== undefined };
  });
  expect(sorted(described)).toEqual(sorted(expected));
});

it('has a row in docs/reference/rest-api.md for every error of a backend', () => {
  const described = rowsOf('Status \\| `error.type`').map(([status, type, code = '']) => {
    return { code: /^\[(\w+)\]/.exec(code)?.[1], status: Number(status), type };
  });
  expect(described).toEqual(HTTP_ERRORS);
});

function sorted<T extends { readonly method: string | undefined; readonly path: string }>(rows: readonly T[]): T[] {
  return rows.toSorted((a, b) => (`${a.path} ${a.method}` < `${b.path} ${b.method}` ? -1 : 1));
}
