import { keyValueStoreRoutes } from '../key-value-stores/key-value-store-routes.js';
import { aboutRoutes } from '../about/about-routes.js';
import { runRoutes } from '../runs/run-routes.js';
import { userRoutes } from '../users/user-routes.js';
import { openApiDocument } from '../about/openapi.js';
import type { ApiContext } from './api-context.js';
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
    handle: getOpenApi,
  },
  ...aboutRoutes,
  ...keyValueStoreRoutes,
  ...runRoutes,
  ...userRoutes,
];

/** `GET /v2/openapi.json`: describes the table itself. */
function getOpenApi(c: ApiContext): Response {
  return respondJson(c, openApiDocument(c, routes));
}
