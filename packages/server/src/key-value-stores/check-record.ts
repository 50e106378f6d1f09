import type { OutputUnit } from '@cfworker/json-schema';
import { parseContentType } from '@kv/core';
import type { RecordBody } from '@kv/core';
import { ApiError } from '../http/api-error.js';
import { validateJson } from '../validation/validate-json.js';
import { collectionsOf } from './schema.js';
import type { Collection, StoreSchema } from './schema.js';

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
  await checkJson(collections, bytes);
  return bytes;
}

/** Tells whether the record of a key is checked as a whole, and has to be read into memory for that. */
export function needsMemory(schema: StoreSchema, key: string): boolean {
  return collectionsOf(schema, key).some(({ jsonSchema }) => jsonSchema !== undefined);
}

async function checkJson(collections: readonly Collection[], bytes: Uint8Array): Promise<void> {
  const verdict = await validateJson({ jsonSchemas: collections.flatMap(({ jsonSchema }) => jsonSchema ?? []), bytes });
  if (verdict.state === 'unreadable') throw invalidRecord(verdict.message.replace('body', 'record'));
  if (verdict.state === 'invalid') throw invalidRecord('Schema validation failed', dataOf(verdict.errors));
  if (verdict.state === 'valid') return;
  throw invalidRecord('The JSON schema of the store cannot be applied to this record, or takes too long.');
}

function dataOf(errors: readonly OutputUnit[]): object {
  const validationErrors = errors.map(({ keyword, keywordLocation, instanceLocation, error }) => ({
    instancePath: instanceLocation.replace(/^#/, ''),
    schemaPath: keywordLocation,
    keyword,
    params: {},
    message: error,
  }));
  return { validationErrors };
}

function invalidRecord(message: string, data?: object): ApiError {
  return new ApiError(400, 'schema-validation-error', message, { data });
}
