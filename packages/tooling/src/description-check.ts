import type { ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { CheckedResponse } from '@kv/tooling/response-check';

interface DescribedResponse {
  readonly $ref?: string;
  readonly headers?: Readonly<Record<string, { readonly required?: boolean }>>;
  readonly content?: Readonly<Record<string, { readonly schema: object }>>;
}

interface DescribedOperation {
  readonly parameters: readonly { readonly name: string; readonly in: string }[];
  readonly responses: Readonly<Record<string, DescribedResponse>>;
}

interface Description {
  readonly paths: Readonly<Record<string, Readonly<Record<string, DescribedOperation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, object>>;
    readonly responses: Readonly<Record<string, DescribedResponse>>;
  };
}

/** A response with its headers. */
export interface AnsweredRequest extends CheckedResponse {
  readonly headers: Headers;
}

/** What any request can be answered with before the server looks for its route. */
const BEFORE_ROUTES: ReadonlySet<number> = new Set([400, 408, 417, 421, 431]);

/** Compares responses of a server with what it says of itself in OpenAPI. */
export class DescriptionCheck {
  readonly #description: Description;
  readonly #templates: readonly { readonly template: string; readonly pattern: RegExp }[];
  readonly #ajv = new Ajv2020({ strict: false, allErrors: true });
  readonly #validators = new Map<string, ValidateFunction>();

  constructor(document: object) {
    // What is sent and not described is a mistake as well, though clients have to put up with it.
    this.#description = closed(document) as Description;
    const { paths, components } = this.#description;
    this.#templates = Object.keys(paths)
      // Words count more than parameters.
      .toSorted((a, b) => a.split('{').length - b.split('{').length)
      .map((template) => ({ template, pattern: new RegExp(`^${template.replaceAll(/\{\w+\}/g, '[^/]+')}$`) }));
    (addFormats as unknown as typeof addFormats.default)(this.#ajv);
    this.#ajv.addSchema({ $id: 'own', components });
  }

  /** Gives what is wrong with a response. */
  async check(answered: AnsweredRequest): Promise<string[]> {
    const { method, path, status } = answered;
    // Answers to browsers that ask whether they may ask.
    if (method === 'OPTIONS') return [];
    const problems = await this.#compare(answered);
    return problems.map((problem) => `${method} ${path} ${status}: ${problem}, by /v2/openapi.json`);
  }

  /** Tells whether the body of a response is looked at. */
  isBodyChecked({ method, path, status, headers }: Omit<AnsweredRequest, 'json'>): boolean {
    if (method === 'HEAD' || method === 'OPTIONS') return false;
    const content = this.#responsesOf(method, path)?.[status]?.content;
    return essenceOf(headers) === 'application/json' && content?.['application/json'] !== undefined;
  }

  /** Gives the names of the parameters of an operation; `undefined` where there is no operation. */
  parametersOf(method: string, path: string, place: 'query' | 'header'): readonly string[] | undefined {
    const parameters = this.#operationOf(method, path)?.parameters.filter((parameter) => parameter.in === place);
    return parameters?.map(({ name }) => (place === 'header' ? name.toLowerCase() : name));
  }

  async #compare(answered: AnsweredRequest): Promise<string[]> {
    const { method, path, status } = answered;
    const responses = this.#responsesOf(method, path);
    if (!responses) return this.#isKnown(path, status) ? [] : ['there is no such operation'];
    const described = responses[status];
    if (!described) return BEFORE_ROUTES.has(status) ? [] : [`the status is none of ${Object.keys(responses).join()}`];
    return [...this.#headerProblems(described, answered), ...(await this.#bodyProblems(described, answered))];
  }

  /** A path without the method is answered by 405, and only an unknown one may be by other errors. */
  #isKnown(path: string, status: number): boolean {
    if (BEFORE_ROUTES.has(status)) return true;
    return this.#templates.some(({ pattern }) => pattern.test(path)) ? status === 405 : status === 404;
  }

  #headerProblems({ headers = {}, content }: DescribedResponse, answered: AnsweredRequest): string[] {
    const missing = Object.keys(headers).filter((name) => headers[name]?.required && !answered.headers.has(name));
    const problems = missing.map((name) => `the header ${name} is missing`);
    const essence = essenceOf(answered.headers);
    const types = Object.keys(content ?? {});
    const isDescribed = types.length === 0 || types.includes('*/*') || types.includes(essence ?? '');
    return isDescribed ? problems : [...problems, `the content type ${essence} is none of ${types.join()}`];
  }

  async #bodyProblems({ content }: DescribedResponse, answered: AnsweredRequest): Promise<string[]> {
    if (!this.isBodyChecked(answered)) return [];
    const { schema = {} } = content?.['application/json'] ?? {};
    const text = JSON.stringify(schema).replaceAll('"#/', '"own#/');
    let validate = this.#validators.get(text);
    if (!validate) this.#validators.set(text, (validate = this.#ajv.compile(JSON.parse(text) as object)));
    if (validate(await answered.json())) return [];
    return (validate.errors ?? []).map(
      ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
    );
  }

  #responsesOf(method: string, path: string): Readonly<Record<string, DescribedResponse>> | undefined {
    const operation = this.#operationOf(method, path);
    if (!operation) return undefined;
    return Object.fromEntries(
      Object.entries(operation.responses).map(([status, response]) => [status, this.#resolve(response)]),
    );
  }

  /** `HEAD` answers as `GET` does. */
  #operationOf(method: string, path: string): DescribedOperation | undefined {
    const { template = '' } = this.#templates.find(({ pattern }) => pattern.test(path)) ?? {};
    return this.#description.paths[template]?.[method === 'HEAD' ? 'get' : method.toLowerCase()];
  }

  #resolve(response: DescribedResponse): DescribedResponse {
    const { responses } = this.#description.components;
    return responses[response.$ref?.split('/').at(-1) ?? ''] ?? response;
  }
}

/** Lets no object have members that its schema does not name, unless the schema says what others are. */
function closed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(closed);
  if (typeof value !== 'object' || value === null) return value;
  const copy = Object.fromEntries(Object.entries(value).map(([name, member]) => [name, closed(member)]));
  return copy['type'] === 'object' ? { additionalProperties: false, ...copy } : copy;
}

function essenceOf(headers: Headers): string | undefined {
  return headers.get('content-type')?.split(';', 1)[0]?.trim().toLowerCase();
}
