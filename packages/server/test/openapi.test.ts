import { readFileSync } from 'node:fs';
import { assertRecordKey, assertStorageName } from '@kv/core';
import { createBackend } from '@kv/memory';
import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect, it } from 'vitest';
import { toTemplate } from '../src/openapi/describe-route.js';
import { routes } from '../src/http/routes.js';
import { createServer } from '../src/index.js';
import type { Schema } from '../src/openapi/schema.js';
import { takeAskedParameters } from './asked-parameters.js';
import { ownDocument, ownOperations } from './own-document.js';
import type { OwnDocument } from './own-document.js';
import { description, serve, TOKEN } from './serve.js';

const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string };

describe('the OpenAPI document', () => {
  it('is a valid one, in which all references lead somewhere', async () => {
    await using server = await serve();
    const served = (await (await server.request('/v2/openapi.json', { token: null })).json()) as OwnDocument;
    const validator = new Validator();
    expect(await validator.validate({ ...served })).toEqual({ valid: true });
    expect(validator.version).toBe('3.1');
    expect(served.servers).toEqual([{ url: server.url }]);
    expect(served.info.version).toBe(manifest.version);
  });

  it('names the public URL, with its path', async () => {
    await using server = await serve(undefined, { publicUrl: 'https://storage.example.com/kv/' });
    const served = (await (await server.request('/v2/openapi.json')).json()) as OwnDocument;
    expect(served.servers).toEqual([{ url: 'https://storage.example.com/kv' }]);
  });

  it('has an operation for every route, with all that a client needs', () => {
    const described = ownOperations.map(({ method, path }) => `${method} ${path}`);
    expect(described.toSorted()).toEqual(routes.map(({ method, path }) => `${method} ${toTemplate(path)}`).toSorted());
    expect(new Set(ownOperations.map(({ operationId }) => operationId)).size).toBe(routes.length);
    for (const { operationId, summary, parameters } of ownOperations) {
      expect(operationId).toMatch(/^[a-z][a-zA-Z]+$/);
      expect(summary).not.toBe('');
      for (const { name, description: text, schema } of parameters) {
        expect([operationId, name, text, schema.type]).toEqual([
          operationId,
          name,
          expect.any(String),
          expect.any(String),
        ]);
      }
    }
  });

  it('describes nothing that no operation has', () => {
    const text = JSON.stringify(ownDocument);
    for (const [kind, members] of Object.entries(ownDocument.components)) {
      for (const name of Object.keys(members)) {
        const use = kind === 'securitySchemes' ? `{"${name}":[]}` : `"#/components/${kind}/${name}"`;
        expect([name, text.includes(use)]).toEqual([name, true]);
      }
    }
    const tags = new Set(ownOperations.flatMap((operation) => operation.tags));
    expect(ownDocument.tags.map(({ name }) => name).toSorted()).toEqual([...tags].toSorted());
  });
});

describe('the parameters of an operation', () => {
  const schemaOf = (id: string, name: string): Schema => {
    const { parameters = [] } = ownOperations.find(({ operationId }) => operationId === id) ?? {};
    return parameters.find((parameter) => parameter.name === name)?.schema ?? {};
  };
  const isLegal = (assertion: (text: string) => void, text: string): boolean => {
    try {
      assertion(text);
      return true;
    } catch {
      return false;
    }
  };

  it.each([
    { id: 'getRecord', name: 'key', assertion: assertRecordKey },
    { id: 'createStore', name: 'name', assertion: assertStorageName },
  ])('$id allows a $name that is legal, and no other', ({ id, name, assertion }) => {
    const { pattern = '', minLength = 0, maxLength = 0 } = schemaOf(id, name);
    const isAllowed = (text: string): boolean =>
      new RegExp(pattern, 'u').test(text) && text.length >= minLength && text.length <= maxLength;
    const ascii = Array.from({ length: 128 }, (_, code) => String.fromCodePoint(code));
    const texts = ascii.flatMap((char) => [`${char}a`, `a${char}`, `a${char}a`]);
    for (const text of [...texts, '', 'a'.repeat(maxLength), 'a'.repeat(maxLength + 1), 'é']) {
      expect([text, isAllowed(text)]).toEqual([text, isLegal(assertion, text)]);
    }
  });

  it('have the defaults and limits that the server has', async () => {
    await using server = await serve();
    const { maximum = 0, minimum, default: limit } = schemaOf('listStores', 'limit');
    const url = '/v2/key-value-stores';
    const asked = { offset: schemaOf('listStores', 'offset').default, desc: schemaOf('listStores', 'desc').default };
    const unnamed = schemaOf('listStores', 'unnamed').default;
    expect(await server.json('GET', url)).toMatchObject({ ...asked, limit, unnamed });
    expect(await server.json('GET', `${url}?limit=${maximum + 1}`)).toMatchObject({ limit: maximum });
    expect(await server.json('GET', `${url}?limit=${minimum}`)).toMatchObject({ limit });
    expect((await server.request(`${url}?limit=-1`)).status).toBe(400);
  });

  it.each(routes)('$method $path are those that the server looks for', async ({ method, path }) => {
    const backend = createBackend();
    const server = await createServer({ backend, token: TOKEN });
    const ask = async (verb: string, target: string): Promise<Response> => {
      const headers = { authorization: `Bearer ${TOKEN}`, range: 'bytes=0-0' };
      const body = ['PUT', 'POST'].includes(verb) ? '{}' : null;
      return server.fetch(new Request(`http://localhost${target}`, { method: verb, headers, body }));
    };
    await ask('POST', '/v2/key-value-stores?name=here');
    const names = { storeId: '~here', runId: 'run', actorId: 'any', userId: 'admin', key: 'a' };
    for (const store of ['key-value-stores/~here', 'actor-runs/run/key-value-store']) {
      expect((await ask('PUT', `/v2/${store}/records/a`)).status).toBe(201);
    }
    takeAskedParameters();
    const target = Object.entries(names).reduce((text, [name, value]) => text.replace(`:${name}`, value), path);
    const response = await ask(method, target);
    expect(response.ok).toBe(true);
    await response.arrayBuffer();
    const asked = takeAskedParameters();
    for (const place of ['query', 'header'] as const) {
      const looked = asked.filter((parameter) => parameter.in === place).map(({ name }) => name);
      expect(looked.toSorted()).toEqual(description.parametersOf(method, target, place)?.toSorted());
    }
    await backend.close();
  });
});

describe('the check of responses against the OpenAPI document', () => {
  const record = '/v2/key-value-stores/x/records/a';
  const json = { 'content-type': 'application/json' };
  const value = { etag: '"1"', 'last-modified': 'x', 'cache-control': 'x', 'content-type': 'text/plain' };
  const problemsOf = async (
    request: string,
    status: number,
    headers: Record<string, string>,
    body: unknown = {},
  ): Promise<readonly string[]> => {
    const [method = '', path = ''] = request.split(' ');
    return description.check({ method, path, status, headers: new Headers(headers), json: async () => body });
  };

  it('lets pass what is described', async () => {
    const range = { ...value, 'content-range': 'bytes 0-0/1' };
    expect(await problemsOf(`GET ${record}`, 206, range)).toEqual([]);
    expect(await problemsOf(`HEAD ${record}`, 200, value)).toEqual([]);
    expect(await problemsOf(`PUT ${record}`, 201, { ...json, location: 'x' })).toEqual([]);
    expect(await problemsOf('GET /health', 200, json, { status: 'ok' })).toEqual([]);
    expect(await problemsOf('PUT /health', 405, json)).toEqual([]);
    expect(await problemsOf('GET /v2/other', 404, json)).toEqual([]);
  });

  it('finds a status that another operation has', async () => {
    expect(await problemsOf(`PUT ${record}`, 206, { ...json, location: 'x' })).toHaveLength(1);
    expect(await problemsOf('GET /health', 412, json)).toHaveLength(1);
    expect(await problemsOf('GET /health', 405, json)).toHaveLength(1);
    expect(await problemsOf('PUT /health', 200, json)).toHaveLength(1);
    expect(await problemsOf('GET /v2/other', 200, json)).toHaveLength(1);
  });

  it('finds headers that are missing, and other content types', async () => {
    expect(await problemsOf(`GET ${record}`, 206, value)).toEqual([expect.stringContaining('Content-Range')]);
    expect(await problemsOf(`PUT ${record}`, 201, json)).toEqual([expect.stringContaining('Location')]);
    expect(await problemsOf('GET /health', 200, { 'content-type': 'text/html' })).toHaveLength(1);
  });

  it('finds bodies that lack something, or have more than is described', async () => {
    expect(await problemsOf('GET /health', 200, json, {})).toHaveLength(1);
    expect(await problemsOf('GET /health', 200, json, { status: 'ok', more: 1 })).toHaveLength(1);
    expect(await problemsOf('GET /health', 503, json, { error: { type: 'X', message: 'x' } })).toHaveLength(1);
    expect(await problemsOf(`DELETE ${record}`, 404, json, { error: { type: 'a-b' } })).toHaveLength(1);
  });
});
