import { setImmediate } from 'node:timers/promises';
import { createBackend } from '@kv/memory';
import { describe, expect, it } from 'vitest';
import { createServer } from '../src/index.js';
import { ValidationThread } from '../src/validation/validation-thread.js';
import type { Verdict } from '../src/validation/verdict.js';
import { serve, TOKEN } from './serve.js';

const HEADERS = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' };

const SCHEMA = { actorKeyValueStoreSchemaVersion: 1, title: 'Any', collections: {} };
const COLLECTION = { title: 'One', key: 'a' };

describe('the schema of a store', () => {
  it.each([
    ['a string', 'x'],
    ['a list', []],
    ['without a version', { ...SCHEMA, actorKeyValueStoreSchemaVersion: 2 }],
    ['without a title', { ...SCHEMA, title: undefined }],
    ['without collections', { ...SCHEMA, collections: undefined }],
    ['with a collection that is none', { ...SCHEMA, collections: { a: 1 } }],
    ['with a collection without a title', { ...SCHEMA, collections: { a: { key: 'a' } } }],
    ['with a collection without a key', { ...SCHEMA, collections: { a: { title: 'One' } } }],
    ['with a collection of two kinds', { ...SCHEMA, collections: { a: { ...COLLECTION, keyPrefix: 'a' } } }],
    ['with no content types', { ...SCHEMA, collections: { a: { ...COLLECTION, contentTypes: [] } } }],
    ['with a JSON schema for no JSON', { ...SCHEMA, collections: { a: { ...COLLECTION, jsonSchema: {} } } }],
  ])('is refused when it is %s', async (_, schema) => {
    await using server = await serve();
    const response = await server.request('/v2/key-value-stores?name=a', {
      method: 'POST',
      body: JSON.stringify({ schema }),
    });
    expect([response.status, await response.json()]).toMatchObject([400, { error: { type: 'store-schema-invalid' } }]);
    expect(await server.json('GET', '/v2/key-value-stores')).toMatchObject({ total: 0 });
  });

  it('limits the size only of what it has to read', async () => {
    await using server = await serve(undefined, { limits: { jsonBytes: 1000 } });
    const json = { ...COLLECTION, contentTypes: ['application/json'], jsonSchema: { type: 'string' } };
    const video = { title: 'Videos', keyPrefix: 'video-', contentTypes: ['video/mp4'] };
    const { id } = await server.json('POST', '/v2/key-value-stores', {
      schema: { ...SCHEMA, collections: { json, video } },
    });
    const status = async (key: string, contentType: string, body: string): Promise<number> => {
      const init = { method: 'PUT', body, headers: { 'content-type': contentType } };
      return (await server.request(`/v2/key-value-stores/${String(id)}/records/${key}`, init)).status;
    };
    expect(await status('video-1', 'video/mp4', 'x'.repeat(100_000))).toBe(201);
    expect(await status('a', 'application/json; charset=utf-8', '"x"')).toBe(201);
    expect(await status('a', 'application/json', '1')).toBe(400);
    expect(await status('a', 'application/json', '{')).toBe(400);
    expect(await status('a', 'application/json', `"${'x'.repeat(1000)}"`)).toBe(413);
    expect(await status('other', 'x/y', 'x'.repeat(100_000))).toBe(201);
  });

  it.each([
    ['a pattern that takes for ever', { pattern: '^(a+)+$' }],
    ['a pattern that is none', { pattern: '(' }],
    ['a reference to nothing', { $ref: '#/nothing' }],
    ['a reference to itself', { $ref: '#/properties/a' }],
  ])('refuses records that it cannot be applied to: %s', async (_, a) => {
    const errors: unknown[] = [];
    await using server = await serve(undefined, { onError: (error) => void errors.push(error) });
    const one = { ...COLLECTION, contentTypes: ['application/json'], jsonSchema: { properties: { a } } };
    const { id } = await server.json('POST', '/v2/key-value-stores', { schema: { ...SCHEMA, collections: { one } } });
    const response = await server.request(`/v2/key-value-stores/${String(id)}/records/a`, {
      method: 'PUT',
      body: JSON.stringify({ a: `${'a'.repeat(40)}b` }),
      headers: { 'content-type': 'application/json' },
    });
    const error = { type: 'schema-validation-error', message: expect.stringContaining('cannot be applied') };
    expect([response.status, await response.json()]).toMatchObject([400, { error }]);
    expect(errors).toEqual([]);
  });

  it('keeps no other request waiting while it is applied', async () => {
    await using backend = createBackend();
    const { fetch: answer } = await createServer({ backend, token: TOKEN });
    const ask = async (path: string, init: RequestInit): Promise<Response> =>
      answer(new Request(`http://localhost/v2/key-value-stores${path}`, { ...init, headers: HEADERS }));
    const slow = { ...COLLECTION, contentTypes: ['application/json'], jsonSchema: { pattern: '^(a+)+$' } };
    const body = JSON.stringify({ schema: { ...SCHEMA, collections: { slow } } });
    expect((await ask('?name=s', { method: 'POST', body })).status).toBe(201);
    let turns = 0;
    const statuses: number[] = [];
    const put = ask('/~s/records/a', { method: 'PUT', body: JSON.stringify(`${'a'.repeat(40)}b`) });
    void put.then((response) => statuses.push(response.status));
    while (statuses.length === 0) {
      await setImmediate();
      turns += 1;
    }
    expect(statuses).toEqual([400]);
    // As many as the loop can do meanwhile, where it would do a handful if it stood still.
    expect(turns).toBeGreaterThan(100);
  });

  it('can be applied to a record of the greatest size', async () => {
    await using server = await serve();
    const numbers = { ...COLLECTION, contentTypes: ['application/json'], jsonSchema: { items: { type: 'number' } } };
    const { id } = await server.json('POST', '/v2/key-value-stores', {
      schema: { ...SCHEMA, collections: { numbers } },
    });
    const values = Array.from({ length: 1_000_000 }, (_, n) => n + 1_000_000);
    const put = async (value: unknown): Promise<Response> => {
      const init = { method: 'PUT', body: JSON.stringify(value), headers: { 'content-type': 'application/json' } };
      return server.request(`/v2/key-value-stores/${String(id)}/records/a`, init);
    };
    expect((await put(values)).status).toBe(201);
    const refused = await put(values.slice(0, 100_000).map(String));
    const { error } = (await refused.json()) as { error: { data: { validationErrors: unknown[] } } };
    expect([refused.status, error.data.validationErrors.length]).toEqual([400, 100]);
  });

  it('is given another thread after one that has run out of memory', async () => {
    const thread = new ValidationThread(16);
    const validate = async (value: unknown): Promise<Verdict> =>
      thread.validate({ jsonSchemas: [{}], bytes: new TextEncoder().encode(JSON.stringify(value)) });
    const large = Array.from({ length: 1_000_000 }, (_, n) => ({ n }));
    const verdicts = await Promise.all([validate(1), validate(large), validate(1)]);
    expect(verdicts.map(({ state }) => state)).toEqual(['valid', 'unusable', 'valid']);
    expect(verdicts[1]).not.toHaveProperty('index');
  });

  it('is refused for any of its JSON schemas, whichever the others are', async () => {
    await using server = await serve();
    const json = { title: 'One', contentTypes: ['application/json'] };
    const collections = {
      unmet: { ...json, key: 'a', jsonSchema: { type: 'string' } },
      broken: { ...json, key: 'b', jsonSchema: { $ref: '#/nothing' } },
    };
    const response = await server.request('/v2/key-value-stores', {
      method: 'POST',
      body: JSON.stringify({ schema: { ...SCHEMA, collections } }),
    });
    const error = { type: 'store-schema-invalid', message: expect.stringContaining('the collection "broken"') };
    expect([response.status, await response.json()]).toMatchObject([400, { error }]);
  });

  it('stays when another one is given for a name that exists', async () => {
    await using server = await serve();
    const first = await server.json('POST', '/v2/key-value-stores?name=a', { schema: SCHEMA });
    const second = await server.json('POST', '/v2/key-value-stores?name=a', { schema: { ...SCHEMA, title: 'Other' } });
    expect(second).toMatchObject({ id: first['id'], schema: { title: 'Any' } });
  });
});
