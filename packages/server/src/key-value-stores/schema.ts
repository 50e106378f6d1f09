import { ApiError } from '../http/api-error.js';
import { validateJson } from '../validation/validate-json.js';

/** A family of records in a store: one key, or all keys that begin with a prefix. */
export interface Collection {
  readonly key?: string;
  readonly keyPrefix?: string;
  readonly contentTypes?: readonly string[];
  readonly jsonSchema?: object;
}

/** What a store says of its records (Apify: schema of a key-value store, version 1). */
export interface StoreSchema {
  readonly collections: Readonly<Record<string, Collection>>;
}

/**
 * Accepts a schema of a store.
 *
 * @throws ApiError 400 `store-schema-invalid`.
 */
export function assertStoreSchema(value: unknown): asserts value is StoreSchema {
  if (!isObject(value)) throw invalidSchema('it must be an object');
  if (value['actorKeyValueStoreSchemaVersion'] !== 1)
    throw invalidSchema('"actorKeyValueStoreSchemaVersion" must be 1');
  if (typeof value['title'] !== 'string') throw invalidSchema('"title" must be a string');
  if (!isObject(value['collections'])) throw invalidSchema('"collections" must be an object');
  for (const [id, collection] of Object.entries(value['collections'])) assertCollection(id, collection);
}

/**
 * Tries the JSON schemas of a store on an empty object: what cannot be used is found out by using it.
 *
 * @throws ApiError 400 `store-schema-invalid`.
 */
export async function tryJsonSchemas({ collections }: StoreSchema): Promise<void> {
  const used = Object.entries(collections).flatMap(([id, { jsonSchema }]) => (jsonSchema ? [{ id, jsonSchema }] : []));
  if (used.length === 0) return;
  const bytes = new TextEncoder().encode('{}');
  const verdict = await validateJson({ jsonSchemas: used.map(({ jsonSchema }) => jsonSchema), bytes });
  if (verdict.state !== 'unusable') return;
  const { id } = used[verdict.index ?? 0] ?? {};
  throw invalidSchema(`"jsonSchema" of the collection ${JSON.stringify(id)} cannot be used as a JSON schema`);
}

/** Gives the collections that a key belongs to. */
export function collectionsOf({ collections }: StoreSchema, key: string): readonly Collection[] {
  return Object.values(collections).filter(({ key: only, keyPrefix }) =>
    only === undefined ? key.startsWith(keyPrefix ?? '') : key === only,
  );
}

function assertCollection(id: string, collection: unknown): void {
  const where = `the collection ${JSON.stringify(id)}`;
  if (!isObject(collection)) throw invalidSchema(`${where} must be an object`);
  const { title, key, keyPrefix, contentTypes, jsonSchema } = collection;
  if (typeof title !== 'string') throw invalidSchema(`${where} must have a "title"`);
  if (isText(key) === isText(keyPrefix)) throw invalidSchema(`${where} must have either a "key" or a "keyPrefix"`);
  if (contentTypes !== undefined && !isTextList(contentTypes)) {
    throw invalidSchema(`"contentTypes" of ${where} must be a list of strings`);
  }
  if (jsonSchema === undefined) return;
  const isJson = isTextList(contentTypes) && contentTypes.join(',') === 'application/json';
  if (!isObject(jsonSchema) || !isJson) {
    throw invalidSchema(`"jsonSchema" of ${where} must be an object, beside the "contentTypes" ["application/json"]`);
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function isTextList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length > 0 && value.every(isText);
}

function invalidSchema(problem: string): ApiError {
  return new ApiError(400, 'store-schema-invalid', `The schema of the store is not valid: ${problem}.`);
}
