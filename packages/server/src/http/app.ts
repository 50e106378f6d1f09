import { Hono } from 'hono';
import { cors } from 'hono/cors';
import { authenticate } from '../access/authenticate.js';
import { authorize } from '../access/authorize.js';
import type { ServerContext } from '../server-context.js';
import type { ApiContext, ApiEnv } from './api-context.js';
import { ApiError } from './api-error.js';
import { errorResponse, toApiError } from './error-response.js';
import type { Route } from './route.js';
import { routes } from './routes.js';

/** Builds the application from the route table. */
export function createApp(server: ServerContext): Hono<ApiEnv> {
  const app = new Hono<ApiEnv>({ strict: true });
  app.use(async (c, next) => {
    c.set('server', server);
    await next();
  });
  app.use(cors({ origin: '*', exposeHeaders: EXPOSED_HEADERS, maxAge: 600 }));
  for (const route of routes) app.on(route.method, route.path, (c) => answer(c, route));
  for (const path of new Set(routes.map((route) => route.path))) app.all(path, () => methodNotAllowed(path));
  app.notFound((c) => errorResponse(pageNotFound(c)));
  app.onError((error) => errorResponse(toApiError(error)));
  return app;
}

const EXPOSED_HEADERS = [
  'Content-Disposition',
  'Content-Encoding',
  'Content-Range',
  'ETag',
  'Location',
  'Retry-After',
  'X-RateLimit-Limit',
  ...['Total', 'Offset', 'Limit', 'Count', 'Desc'].map((name) => `X-Apify-Pagination-${name}`),
];

async function answer(c: ApiContext, route: Route): Promise<Response> {
  c.set('routePath', route.path);
  c.set('identity', await authenticate(c));
  await authorize(c, route);
  return route.handle(c);
}

function methodNotAllowed(path: string): Response {
  const methods = routes.filter((route) => route.path === path).map(({ method }) => method);
  const allowed = ['OPTIONS', ...(methods.includes('GET') ? ['HEAD'] : []), ...methods].join(',');
  const message = `This API end-point can only be accessed using the following HTTP methods: ${allowed}`;
  return errorResponse(new ApiError(405, 'method-not-allowed', message, { headers: { Allow: allowed } }));
}

function pageNotFound(c: ApiContext): ApiError {
  return new ApiError(
    404,
    'page-not-found',
    `We have bad news: there is no API endpoint at this URL (${c.req.method}).`,
  );
}
