import { isKvError } from '@kv/core';
import { Hono } from 'hono';
import { authenticate } from '../access/authenticate.js';
import { authorize, storeNotFound } from '../access/authorize.js';
import type { ServerContext } from '../server-context.js';
import type { ApiContext, ApiEnv } from './api-context.js';
import { ApiError } from './api-error.js';
import { cors } from './cors.js';
import { errorResponse, toApiError } from './error-response.js';
import { observe } from './observe.js';
import type { Route } from './route.js';
import { routes } from './routes.js';

/** Builds the application from the route table. */
export function createApp(server: ServerContext): Hono<ApiEnv> {
  const app = new Hono<ApiEnv>({ strict: true });
  app.use(observe(server.metrics, server.log));
  app.use(cors);
  app.use(async (c, next) => {
    c.set('server', server);
    await next();
    const limit = c.get('rateLimit');
    if (limit !== undefined) c.res.headers.set('X-RateLimit-Limit', String(limit));
  });
  for (const route of routes) app.on(route.method, route.path, (c) => answer(c, route));
  for (const path of new Set(routes.map((route) => route.path))) app.all(path, () => methodNotAllowed(path));
  app.notFound((c) => errorResponse(pageNotFound(c.req.method)));
  app.onError((error, c) => {
    const apiError = toApiError(error);
    if (apiError.status >= 500) server.onError(error);
    // Another process has dropped it; the id may come to life again.
    if (isKvError(error, 'KV_STORAGE_NOT_FOUND')) server.stores.forget(c.get('target')?.store.id);
    return errorResponse(apiError);
  });
  return app;
}

async function answer(c: ApiContext, route: Route): Promise<Response> {
  c.set('routePath', route.path);
  c.set('identity', await authenticate(c));
  await authorize(c, route);
  limitRate(c, route);
  return withUse(c, route);
}

/** Keeps the store of a request from being dropped until the last byte of the response is sent. */
async function withUse(c: ApiContext, route: Route): Promise<Response> {
  const { use } = c.get('server');
  if (!use || !route.locate) return route.handle(c);
  const end = await use.begin(c.get('target').store.id);
  if (!end) throw storeNotFound(c.get('identity'));
  // Outside of Node, nobody tells when the response is sent.
  const { outgoing } = c.env;
  outgoing?.once('close', end);
  try {
    return await route.handle(c);
  } finally {
    if (!outgoing) end();
  }
}

/** Counts by storage, and by user where there is none. */
function limitRate(c: ApiContext, { rate, right }: Route): void {
  const { rateLimiter } = c.get('server');
  if (!rateLimiter) return;
  c.set('rateLimit', rate);
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
