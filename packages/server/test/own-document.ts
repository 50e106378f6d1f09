import { routes } from '../src/http/routes.js';
import { openApiDocument } from '../src/openapi/document.js';
import type { Schema } from '../src/openapi/schema.js';

/** An operation of the OpenAPI document, as far as tests look at it. */
export interface DocumentedOperation {
  readonly operationId: string;
  readonly summary: string;
  readonly tags: readonly string[];
  readonly parameters: readonly {
    readonly name: string;
    readonly in: string;
    readonly description: string;
    readonly schema: Schema;
  }[];
  readonly requestBody?: object;
  readonly responses: Readonly<Record<string, object>>;
}

/** The OpenAPI document, as far as tests look at it. */
export interface OwnDocument {
  readonly info: { readonly version: string; readonly description: string };
  readonly servers?: unknown;
  readonly tags: readonly { readonly name: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, DocumentedOperation>>>>;
  readonly components: Readonly<Record<'schemas' | 'responses' | 'securitySchemes', Readonly<Record<string, object>>>>;
}

/** What the server says of itself, but for where it is. */
export const ownDocument: OwnDocument = openApiDocument(routes) as OwnDocument;

/** All of its operations. */
export const ownOperations: readonly (DocumentedOperation & { readonly path: string; readonly method: string })[] =
  Object.entries(ownDocument.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ ...operation, path, method: method.toUpperCase() })),
  );
