import { createRequire } from 'node:module';
import type { Route } from '../http/route.js';
import { describeRoute, toTemplate } from './describe-route.js';
import { ERROR_RESPONSES } from './error-responses.js';
import { SCHEMAS } from './schemas/index.js';
import { SECURITY_SCHEMES, TOKEN_NEEDED } from './security.js';
import { TAGS } from './tags.js';

interface Manifest {
  readonly version: string;
  readonly description: string;
  readonly license: string;
}

const DESCRIPTION = `- \`HEAD\` works wherever \`GET\` does, and answers without a body; \`OPTIONS\` works everywhere.
- With a token in the header, \`?method=PUT\` and the like stand for a method that a client cannot send.
- A path without the method is answered by 405, an unknown one by 404, and what is no good HTTP by 400, 408, 417 or 431, each in the form of an error.`;

/** Describes a route table as an OpenAPI document; where the server is, is not in it. */
export function openApiDocument(routes: readonly Route[]): object {
  const { version, description, license } = readManifest();
  const paths: Record<string, Record<string, object>> = {};
  for (const route of routes) (paths[toTemplate(route.path)] ??= {})[route.method.toLowerCase()] = describeRoute(route);
  return {
    openapi: '3.1.0',
    info: {
      title: 'kv-server',
      version,
      summary: description,
      description: DESCRIPTION,
      license: { name: license, identifier: license },
    },
    externalDocs: {
      url: 'https://github.com/kv-storage/kv/tree/main/packages/server#readme',
      description: 'About the server',
    },
    security: TOKEN_NEEDED,
    tags: TAGS,
    paths,
    components: { schemas: SCHEMAS, responses: ERROR_RESPONSES, securitySchemes: SECURITY_SCHEMES },
  };
}

/** Reads what this package says of itself; it finds itself by its name from its sources and from its build alike. */
function readManifest(): Manifest {
  return createRequire(import.meta.url)('@kv/server/package.json') as Manifest;
}
