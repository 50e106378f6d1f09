import { Hono } from 'hono';
import { cors } from 'hono/cors';
import { authenticate } from '../access/authenticate.js';
import { authorize } from '../access/authorize.js';
import type { ServerContext } from '../server-context.js';
import type { ApiContext, ApiEnv } from './api-context.js';
import { ApiError } from './api-error.js';
import { errorResponse, toApiError } from './error-response.js';
import { observe } from './observe.js';
import type { Route } from './route.js';
import { routes } from './routes.js';

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

/** Builds the application from the route table. */
export function createApp(server: ServerContext): Hono<ApiEnv> {
  const app = new Hono<ApiEnv>({ strict: true });
  app.use(observe(server.metrics, server.log));
  app.use(cors({ origin: '*', exposeHeaders: EXPOSED_HEADERS, maxAge: 600 }));
  app.use(async (c, next) => {
    c.set('server', server);
    await next();
  });
  for (const route of routes) app.on(route.method, route.path, (c) => answer(c, route));
  for (const path of new Set(routes.map((route) => route.path))) app.all(path, () => methodNotAllowed(path));
  app.notFound((c) => errorResponse(pageNotFound(c.req.method)));
  app.onError((error, c) => {
    const apiError = toApiError(error);
    if (apiError.status >= 500) server.onError(error);
    c.header('X-Content-Type-Options', 'nosniff');
    return errorResponse(apiError);
  });
  return app;
}

async function answer(c: ApiContext, route: Route): Promise<Response> {
  c.set('routePath', route.path);
  c.set('identity', await authenticate(c));
  await authorize(c, route);
  limitRate(c, route);
  return route.handle(c);
}

/** Counts by storage, and by user where there is none. */
function limitRate(c: ApiContext, { rate, right }: Route): void {
  const { rateLimiter } = c.get('server');
  if (!rateLimiter) return;
  c.header('X-RateLimit-Limit', String(rate));
  const what = right.startsWith('store') ? c.get('target').store.id : (c.get('identity')?.user.id ?? 'anonymous');
  rateLimiter.count(`${rate}:${what}`, rate);
}

function methodNotAllowed(path: string): Response {
  const methods = routes.filter((route) => route.path === path).map(({ method }) => method);
  const allowed = ['OPTIONS', ...(methods.includes('GET') ? ['HEAD'] : []), ...methods].join(',');
  const message = `This API end-point can only be accessed using the following HTTP methods: ${allowed}`;
  return errorResponse(new ApiError(405, 'method-not-allowed', message, { headers: { Allow: allowed } }));
}

function pageNotFound(method: string): ApiError {
  return new ApiError(404, 'page-not-found', `There is no API endpoint at this URL for ${method}.`);
}
