import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

interface Operation {
  readonly responses: Readonly<
    Record<string, { readonly $ref?: string; readonly content?: Readonly<Record<string, unknown>> }>
  >;
}

interface Specification {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly responses: Operation['responses'] };
}

const specification = JSON.parse(
  readFileSync(join(import.meta.dirname, 'data/apify-responses.json'), 'utf8'),
) as Specification;

const ajv = new Ajv2020({ strict: false, allErrors: true });
(addFormats as unknown as typeof addFormats.default)(ajv);
ajv.addSchema({ $id: 'apify', components: specification.components });
const validators = new Map<string, ReturnType<typeof ajv.compile>>();

/**
 * Answers that Apify's document does not have, because Apify has no such thing:
 *
 * - 206, 304, 412, 416: ranges and conditions
 * - 409: what lies in the place is damaged or in use
 * - 507: no space left
 */
const OWN_STATUSES = new Set([206, 304, 409, 412, 416, 507]);
/** Error types for what Apify has none. */
const OWN_TYPES = new Set(['precondition-failed', 'record-corrupt', 'storage-corrupt']);

/** Compares a response with Apify's document; gives what is wrong with it. */
export async function checkResponse(request: Request, response: Response): Promise<string[]> {
  const { pathname } = new URL(request.url);
  const where = `${request.method} ${pathname} ${response.status}`;
  const operation = findOperation(pathname, request.method.toLowerCase());
  if (!operation || request.method === 'OPTIONS') return [];
  if (response.status >= 400) return (await checkError(request, response)).map((problem) => `${where}: ${problem}`);
  if (OWN_STATUSES.has(response.status)) return [];
  const stated = operation.responses[String(response.status)];
  if (!stated) return [`${where}: the status is none of ${Object.keys(operation.responses).join(', ')}`];
  // A record may be anything.
  if (pathname.includes('/records')) return [];
  const { schema } = (stated.content?.['application/json'] ?? {}) as { schema?: object };
  return schema ? validate(schema, await response.json()).map((problem) => `${where}: ${problem}`) : [];
}

async function checkError(request: Request, response: Response): Promise<string[]> {
  if (request.method === 'HEAD') return [];
  const body = (await response.json()) as { error: { type: string } };
  if (OWN_TYPES.has(body.error.type)) return [];
  return validate({ $ref: '#/components/schemas/ErrorResponse' }, body);
}

function findOperation(pathname: string, method: string): Operation | undefined {
  for (const [template, operations] of Object.entries(specification.paths)) {
    const pattern = new RegExp(`^${template.replaceAll(/\{\w+\}/g, '[^/]+')}$`);
    if (pattern.test(pathname)) return operations[method];
  }
  return undefined;
}

function validate(schema: object, value: unknown): string[] {
  const text = JSON.stringify(schema).replaceAll('"#/', '"apify#/');
  let validator = validators.get(text);
  if (!validator) validators.set(text, (validator = ajv.compile(JSON.parse(text) as object)));
  if (validator(value)) return [];
  return (validator.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}
