import type { Content, ResponseDescription, ResponseHeader } from './operation.js';
import { objectSchema, schemaRef } from './schema.js';
import type { Schema } from './schema.js';

/** Describes a body in JSON. */
export function jsonContent(schema: Schema): Content {
  return { 'application/json': { schema } };
}

/** Describes a response that has something of a shared schema under `data`. */
export function dataResponse(
  description: string,
  schemaName: string,
  headers?: Readonly<Record<string, ResponseHeader>>,
): ResponseDescription {
  const content = jsonContent(objectSchema({ data: schemaRef(schemaName) }));
  return { description, ...(headers && { headers }), content };
}
