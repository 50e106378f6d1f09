import type { OutputUnit } from '@cfworker/json-schema';
import { parseContentType } from '@kv/core';
import type { RecordBody } from '@kv/core';
import { ApiError } from '../http/api-error.js';
import { parseJson } from '../http/parse-json.js';
import { collectionsOf } from './schema.js';
import type { Collection, StoreSchema } from './schema.js';
import { validateJson } from './validate-json.js';

/** A record on its way into a store with a schema. */
export interface CheckedRecord {
  readonly key: string;
  readonly value: RecordBody;
  readonly contentType: string;
}

/**
 * Checks a record against the collections that its key belongs to, and gives its value: read into memory where it is
 * checked against a JSON schema.
 *
 * @throws ApiError 400 `schema-validation-error`.
 */
export async function checkRecord(schema: StoreSchema, record: CheckedRecord): Promise<RecordBody> {
  const collections = collectionsOf(schema, record.key);
  const essence = parseContentType(record.contentType)?.essence;
  for (const { contentTypes } of collections) {
    if (contentTypes === undefined || contentTypes.some((type) => type.toLowerCase() === essence)) continue;
    throw invalidRecord(
      `The content type ${JSON.stringify(record.contentType)} is not one of ${contentTypes.join(', ')}.`,
    );
  }
  if (!needsMemory(schema, record.key)) return record.value;
  const bytes = new Uint8Array(await new Response(record.value as Uint8Array<ArrayBuffer>).arrayBuffer());
  checkJson(collections, bytes);
  return bytes;
}

/** Tells whether the record of a key is checked as a whole, and has to be read into memory for that. */
export function needsMemory(schema: StoreSchema, key: string): boolean {
  return collectionsOf(schema, key).some(({ jsonSchema }) => jsonSchema !== undefined);
}

function checkJson(collections: readonly Collection[], bytes: Uint8Array): void {
  const jsonSchemas = collections.flatMap(({ jsonSchema }) => jsonSchema ?? []);
  const errors = errorsOf(jsonSchemas, parse(bytes));
  if (!errors) return;
  const validationErrors = errors.map(({ keyword, keywordLocation, instanceLocation, error }) => ({
    instancePath: instanceLocation.replace(/^#/, ''),
    schemaPath: keywordLocation,
    keyword,
    params: {},
    message: error,
  }));
  throw invalidRecord('Schema validation failed', { validationErrors });
}

function errorsOf(jsonSchemas: readonly object[], value: unknown): readonly OutputUnit[] | undefined {
  try {
    return validateJson(jsonSchemas, value)?.errors;
  } catch {
    // Some of what is wrong with a schema shows only with a value.
    throw invalidRecord('The JSON schema of the store cannot be applied to this record, or takes too long.');
  }
}

function parse(bytes: Uint8Array): unknown {
  try {
    return parseJson(new TextDecoder().decode(bytes));
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    throw invalidRecord(error.message.replace('body', 'record'));
  }
}

function invalidRecord(message: string, data?: object): ApiError {
  return new ApiError(400, 'schema-validation-error', message, { data });
}
