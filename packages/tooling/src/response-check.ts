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
  readonly components: {
    readonly schemas: { readonly ErrorType: { readonly enum: readonly string[] } };
    readonly responses: Operation['responses'];
  };
}

/** A response, and what it answers. */
export interface CheckedResponse {
  readonly method: string;
  /** Path of the request, without its query. */
  readonly path: string;
  readonly status: number;
  /** Reads the body as JSON; called only where it has to be some. */
  readonly json: () => Promise<unknown>;
}

/** What a server may answer besides what Apify's document says. */
export interface Differences {
  readonly statuses: ReadonlySet<number>;
  readonly types: ReadonlySet<string>;
  /** Paths that Apify's document does not have, as the route table writes them. */
  readonly paths: ReadonlySet<string>;
}

const specification = JSON.parse(
  readFileSync(join(import.meta.dirname, 'apify-responses.json'), 'utf8'),
) as Specification;
const paths = Object.entries(specification.paths).map(([template, operations]) => ({
  pattern: new RegExp(`^${template.replaceAll(/\{\w+\}/g, '[^/]+')}$`),
  operations,
}));
const decision = join(import.meta.dirname, '../../../docs/decisions/0008-where-the-server-differs-from-apify.md');

/** The types of errors that Apify's document knows. */
export const APIFY_ERROR_TYPES: ReadonlySet<string> = new Set(specification.components.schemas.ErrorType.enum);

/** The differences that are written down: whatever else differs is a mistake. */
export const DIFFERENCES: Differences = readDifferences(readFileSync(decision, 'utf8'));

const ajv = new Ajv2020({ strict: false, allErrors: true });
(addFormats as unknown as typeof addFormats.default)(ajv);
ajv.addSchema({ $id: 'apify', components: specification.components });
const validators = new Map<string, ReturnType<typeof ajv.compile>>();

/** Compares a response with Apify's document and with what is to differ from it; gives what is wrong with it. */
export async function checkResponse(response: CheckedResponse): Promise<string[]> {
  const { method, path, status } = response;
  // Answers to browsers that ask whether they may ask.
  if (method === 'OPTIONS') return [];
  const problems = status >= 400 ? await checkError(response) : await checkSuccess(response);
  return problems.map((problem) => `${method} ${path} ${status}: ${problem}`);
}

/** Tells whether the body of a response is looked at; that of a record may be anything. */
export function isBodyChecked({ method, path, status }: Omit<CheckedResponse, 'json'>): boolean {
  if (method === 'HEAD' || method === 'OPTIONS') return false;
  return (
    status >= 400 || (status < 300 && status !== 204 && findOperation(path, method) !== undefined && !isRecords(path))
  );
}

async function checkSuccess(response: CheckedResponse): Promise<string[]> {
  const { method, path, status, json } = response;
  const operation = findOperation(path, method);
  if (!operation) return isOwnPath(path) ? [] : ["neither Apify's document nor the list of differences has this path"];
  const stated = statedStatuses(operation, method);
  if (!stated.has(status) && !DIFFERENCES.statuses.has(status)) return [unstated(stated)];
  if (!isBodyChecked(response)) return [];
  const { schema } = (operation.responses[String(status)]?.content?.['application/json'] ?? {}) as { schema?: object };
  return schema ? validate(schema, await json()) : [];
}

async function checkError({ method, path, status, json }: CheckedResponse): Promise<string[]> {
  const operation = findOperation(path, method);
  const stated = operation && statedStatuses(operation, method);
  const problems = !stated || stated.has(status) || DIFFERENCES.statuses.has(status) ? [] : [unstated(stated)];
  if (method === 'HEAD') return problems;
  const body = (await json()) as { error?: { type?: string } };
  const type = body.error?.type ?? '';
  // Everything else about an error of our own has to be as in the errors of Apify.
  const known = DIFFERENCES.types.has(type) ? { ...body, error: { ...body.error, type: 'invalid-request' } } : body;
  return [...problems, ...validate({ $ref: '#/components/schemas/ErrorResponse' }, known)];
}

function unstated(stated: ReadonlySet<number>): string {
  return `the status is none of ${[...stated].join(', ')}, and is not on the list of differences`;
}

/** `HEAD` answers as `GET` does, and the document has it in one place only. */
function statedStatuses({ responses }: Operation, method: string): ReadonlySet<number> {
  const statuses = Object.keys(responses).map(Number);
  return new Set(method === 'HEAD' ? statuses.filter((status) => status !== 302) : statuses);
}

/** Finds what the document says of a path; the stores of last runs are those of runs under another name. */
function findOperation(path: string, method: string): Operation | undefined {
  const canonical = path.replace(/^\/v2\/(actors|acts|actor-tasks)\/[^/]+\/runs\/last\//, '/v2/actor-runs/last/');
  for (const { pattern, operations } of paths) {
    if (!pattern.test(canonical)) continue;
    return operations[method.toLowerCase()] ?? (method === 'HEAD' ? operations['get'] : undefined);
  }
  return undefined;
}

function isRecords(path: string): boolean {
  return /\/records(\/|$)/.test(path);
}

function isOwnPath(path: string): boolean {
  return [...DIFFERENCES.paths].some((own) => new RegExp(`^${own.replaceAll(/:\w+/g, '[^/]+')}$`).test(path));
}

function validate(schema: object, value: unknown): string[] {
  const text = JSON.stringify(schema).replaceAll('"#/', '"apify#/');
  let validator = validators.get(text);
  if (!validator) validators.set(text, (validator = ajv.compile(JSON.parse(text) as object)));
  if (validator(value)) return [];
  return (validator.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

/** Reads the last column of the table: statuses, types of errors, and paths after `GET`. */
function readDifferences(markdown: string): Differences {
  const cells = [...markdown.matchAll(/^\|.*\|(.*)\|$/gm)].map(([, cell = '']) => cell).slice(2);
  const find = (pattern: RegExp): string[] =>
    cells.flatMap((cell) => [...cell.matchAll(pattern)].map(([, found = '']) => found));
  return {
    statuses: new Set(find(/\b([2-5]\d\d)\b/g).map(Number)),
    types: new Set(find(/`([a-z]+(?:-[a-z]+)+)`/g).filter((type) => !APIFY_ERROR_TYPES.has(type))),
    paths: new Set(find(/`GET (\/[^`]*)`/g)),
  };
}
