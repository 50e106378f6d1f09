import { keyValueStoreRoutes } from '../key-value-stores/key-value-store-routes.js';
import { aboutRoutes } from '../about/about-routes.js';
import { runRoutes } from '../runs/run-routes.js';
import { userRoutes } from '../users/user-routes.js';
import { GET_OPENAPI } from '../about/about-operations.js';
import { openApiDocument } from '../openapi/document.js';
import type { ApiContext } from './api-context.js';
import { publicUrl } from './public-url.js';
import { respondJson } from './respond.js';
import type { Route } from './route.js';

/** The route table: all that the server answers. */
export const routes: readonly Route[] = [
  {
    method: 'GET',
    path: '/v2/openapi.json',
    right: 'public',
    rate: 60,
    summary: 'Get this document',
    operation: GET_OPENAPI,
    handle: getOpenApi,
  },
  ...aboutRoutes,
  ...keyValueStoreRoutes,
  ...runRoutes,
  ...userRoutes,
];

let document: object | undefined;

/** `GET /v2/openapi.json`: describes the table itself. Only where the server is differs from request to request. */
function getOpenApi(c: ApiContext): Response {
  document ??= openApiDocument(routes);
  return respondJson(c, { ...document, servers: [{ url: publicUrl(c, '').replace(/\/v2$/, '') }] });
}
