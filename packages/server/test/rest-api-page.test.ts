import { readFileSync } from 'node:fs';
import { HTTP_ERRORS } from '@kv/core';
import { expect, it } from 'vitest';
import { routes } from '../src/http/routes.js';
import { ownDocument, ownOperations } from './own-document.js';

const page = readFileSync(new URL('../../../docs/reference/rest-api.md', import.meta.url), 'utf8');

/** Gives the rows of the table under a heading, without the backquotes. */
function rowsOf(head: string): string[][] {
  const [, table = ''] = page.split(new RegExp(`^\\| ${head}.*\\n\\| --.*\\n`, 'm'));
  const lines = table.split('\n\n')[0]?.trim().split('\n') ?? [];
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

it('has the parameters of every operation in docs/reference/rest-api.md, and no other', () => {
  const rows = rowsOf('Route');
  const used = new Set<string>();
  for (const { path, summary, parameters, requestBody } of ownOperations) {
    const names = [summary];
    if (path.includes('/runs/last/')) names.push('Any of the last run');
    if (requestBody) names.push('Any with a body');
    const own = rows.filter(([name = '']) => names.includes(name));
    for (const [name = ''] of own) used.add(name);
    const ofPlace = (place: string): string[] => parameters.filter((one) => one.in === place).map(({ name }) => name);
    const described = [1, 2].map((column) => own.flatMap((row) => row[column]?.match(/[\w-]+/g) ?? []).toSorted());
    expect([summary, ...described]).toEqual([summary, ofPlace('query').toSorted(), ofPlace('header').toSorted()]);
  }
  expect([...used].toSorted()).toEqual(rows.map(([name = '']) => name).toSorted());
});

it('has a row in docs/reference/rest-api.md for every status of an error, and for no other', () => {
  const inOperations = ownOperations
    .flatMap(({ responses }) => Object.keys(responses))
    .filter((status) => status >= '400');
  // What is answered before the server looks for a route is no operation's.
  const elsewhere = ownDocument.info.description.match(/\b4\d\d\b/g) ?? [];
  const described = [...rowsOf('Status \\| When'), ...rowsOf('Status \\| `error.type`')].map(([status = '']) => status);
  expect([...new Set(described)].toSorted()).toEqual([...new Set([...inOperations, ...elsewhere])].toSorted());
});

function sorted<T extends { readonly method: string | undefined; readonly path: string }>(rows: readonly T[]): T[] {
  return rows.toSorted((a, b) => (`${a.path} ${a.method}` < `${b.path} ${b.method}` ? -1 : 1));
}
