import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { HTTP_ERRORS } from '@kv/core';
import { APIFY_ERROR_TYPES, checkResponse, DIFFERENCES } from '@kv/tooling/response-check';
import { describe, expect, it } from 'vitest';
import { routes } from '../src/http/routes.js';

const root = join(import.meta.dirname, '../src');
const source = globSync('**/*.ts', { cwd: root }).map((file) => readFileSync(join(root, file), 'utf8'));

/** Every status and type of an error that the source can answer with. */
const thrown = [
  ...source
    .flatMap((text) => [...text.matchAll(/new ApiError\(\s*(\d{3}),\s*'([a-z-]+)'/g)])
    .map(([, status, type]) => ({
      status: Number(status),
      type: String(type),
    })),
  ...HTTP_ERRORS,
];

/** Checks an error answer to a path. */
async function problemsOf(status: number, type: string, path = '/v2/key-value-stores/x'): Promise<string[]> {
  return checkResponse({ method: 'PUT', path, status, json: async () => ({ error: { type, message: 'text' } }) });
}

describe('the list of what differs from Apify', () => {
  it('has every error that Apify does not have, and no other', async () => {
    expect(thrown.length).toBeGreaterThan(40);
    const own = thrown.map(({ type }) => type).filter((type) => !APIFY_ERROR_TYPES.has(type));
    expect([...DIFFERENCES.types].toSorted()).toEqual([...new Set(own)].toSorted());
    for (const { status, type } of thrown) expect(await problemsOf(status, type)).toEqual([]);
  });

  it('has every path that Apify does not have, and no other', async () => {
    const success = { method: 'GET', status: 200, json: async () => ({}) };
    for (const { path } of routes) {
      const problems = await checkResponse({ ...success, path: path.replaceAll(/:\w+/g, 'x') });
      expect(problems.filter((problem) => problem.includes('has this path'))).toEqual([]);
    }
    const paths = routes.filter(({ method }) => method === 'GET').map(({ path }) => path);
    expect(paths).toEqual(expect.arrayContaining([...DIFFERENCES.paths]));
    expect(await checkResponse({ ...success, path: '/v2/other' })).toHaveLength(1);
  });

  it('lets nothing else pass', async () => {
    expect(await problemsOf(418, 'invalid-request')).toHaveLength(1);
    expect(await problemsOf(400, 'made-up')).toHaveLength(1);
    const made = {
      method: 'GET',
      path: '/v2/key-value-stores/x',
      status: 200,
      json: async () => ({ data: { id: 1 } }),
    };
    expect((await checkResponse(made)).length).toBeGreaterThan(0);
  });
});
