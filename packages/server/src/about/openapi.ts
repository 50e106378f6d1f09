import type { ApiContext } from '../http/api-context.js';
import { publicUrl } from '../http/public-url.js';
import type { Route } from '../http/route.js';

const PARAMETER_TEXTS: Readonly<Record<string, string>> = {
  storeId: 'Id of the store, `~name`, or `username~name`',
  key: 'Key of the record',
  runId: 'Id of the run',
  actorId: 'Id of the Actor or task; the server knows of none, so that any will do',
  userId: 'Id or name of the user',
};

/** Describes a route table as an OpenAPI document. The shapes of the bodies are those of Apify's API. */
export function openApiDocument(c: ApiContext, routes: readonly Route[]): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const route of routes) (paths[templateOf(route.path)] ??= {})[route.method.toLowerCase()] = operation(route);
  return {
    openapi: '3.1.0',
    info: {
      title: 'kv-server',
      version: 'v2',
      description: "Apify's storage API v2 over a backend of your own.",
    },
    externalDocs: { url: 'https://docs.apify.com/api/v2', description: 'The API that this server speaks' },
    servers: [{ url: new URL('/', publicUrl(c, '')).href.replace(/\/$/, '') }],
    security: [{ bearer: [] }, { token: [] }],
    paths,
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer' },
        token: { type: 'apiKey', in: 'query', name: 'token' },
        signature: { type: 'apiKey', in: 'query', name: 'signature' },
      },
    },
  };
}

function operation({ path, right, link, summary, rate }: Route): object {
  const names = [...path.matchAll(/:(\w+)/g)].map(([, name = '']) => name);
  return {
    summary,
    description: `Needs the right: ${right}. At most ${rate} requests per second and storage, where limits are on.`,
    parameters: names.map((name) => ({
      name,
      in: 'path',
      required: true,
      description: PARAMETER_TEXTS[name],
      schema: { type: 'string' },
    })),
    ...(right === 'public' && { security: [] }),
    ...(link && { security: [{ bearer: [] }, { token: [] }, { signature: [] }] }),
    responses: { default: { description: 'As in the API of Apify' } },
  };
}

function templateOf(path: string): string {
  return path.replaceAll(/:(\w+)/g, '{$1}');
}
