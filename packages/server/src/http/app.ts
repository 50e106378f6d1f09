import { isKvError } from '@kv/core';
import { Hono } from 'hono';
import { authenticate } from '../access/authenticate.js';
import { authorize, storeNotFound } from '../access/authorize.js';
import type { StoreUse } from '../retention/store-use.js';
import type { ServerContext } from '../server-context.js';
import type { ApiContext, ApiEnv } from './api-context.js';
import { ApiError } from './api-error.js';
import { preflight } from './preflight.js';
import { toApiError } from './error-response.js';
import { report } from './report.js';
import { respondError } from './respond.js';
import type { Route } from './route.js';
import { routes } from './routes.js';
import { TableRouter } from './table-router.js';

type Handle = (c: ApiContext) => Response | Promise<Response>;

/** Builds the application from the route table. There is one handler for each request, and no chain of middleware. */
export function createApp(server: ServerContext): Hono<ApiEnv> {
  const app = new Hono<ApiEnv>({ strict: true, router: new TableRouter() });
  const allowed = allowedByPath();
  const answerAll =
    (handle: Handle): Handle =>
    (c) => {
      c.set('server', server);
      return answerAlways(c, handle);
    };
  for (const route of routes)
    app.on(
      route.method,
      route.path,
      answerAll((c) => answer(c, route)),
    );
  app.on(
    'OPTIONS',
    '*',
    answerAll((c) => preflight(c, allowed(c.req.path))),
  );
  app.notFound(answerAll((c) => refuse(c, allowed(c.req.path))));
  return app;
}

/** Turns what is thrown into an answer, too, and reports each answer. */
async function answerAlways(c: ApiContext, handle: Handle): Promise<Response> {
  const start = performance.now();
  let response: Response;
  try {
    response = await handle(c);
  } catch (error) {
    response = fail(c, error);
  }
  report(c, response, performance.now() - start);
  return response;
}

async function answer(c: ApiContext, route: Route): Promise<Response> {
  c.set('routePath', route.path);
  try {
    const identity = authenticate(c);
    c.set('identity', identity instanceof Promise ? await identity : identity);
    const authorized = authorize(c, route);
    if (authorized instanceof Promise) await authorized;
  } catch (error) {
    // By the store, one could tell whether there is one.
    limitRate(c, route, askerOf(c));
    throw error;
  }
  limitRate(c, route, route.locate ? c.get('target').store.id : askerOf(c));
  const { use } = c.get('server');
  return await (use && route.locate ? withUse(c, route, use) : route.handle(c));
}

function fail(c: ApiContext, error: unknown): Response {
  const { onError, stores } = c.get('server');
  const apiError = toApiError(error);
  if (apiError.status >= 500) onError(error);
  // Another process has dropped it; the id may come to life again.
  if (isKvError(error, 'KV_STORAGE_NOT_FOUND')) stores.forget(c.get('target')?.store.id);
  return respondError(c, apiError);
}

/** Keeps the store of a request from being dropped until the last byte of the response is sent. */
async function withUse(c: ApiContext, route: Route, use: StoreUse): Promise<Response> {
  const end = await use.begin(c.get('target').store.id);
  if (!end) throw storeNotFound(c.get('identity'));
  // Outside of Node, nobody tells when the response is sent, nor of a client that has left before.
  const { outgoing } = c.env;
  const isTold = outgoing?.destroyed === false;
  if (isTold) outgoing.once('close', end);
  try {
    return await route.handle(c);
  } finally {
    if (!isTold) end();
  }
}

/** Counts by storage, and by the one who asks where there is none. */
function limitRate(c: ApiContext, { rate }: Route, what: string): void {
  const { rateLimiter } = c.get('server');
  if (!rateLimiter) return;
  c.set('rateLimit', rate);
  rateLimiter.count(`${rate}:${what}`, rate);
}

/** Gives the user of a valid token, and otherwise the address that the request comes from. */
function askerOf(c: ApiContext): string {
  return c.get('identity')?.user.id ?? c.env.incoming?.socket.remoteAddress ?? '';
}

/** Refuses a path that is not in the table, or not with this method. */
function refuse(c: ApiContext, allowed: string | undefined): Response {
  throw allowed === undefined ? pageNotFound(c.req.method) : methodNotAllowed(allowed);
}

/** Gives what tells the methods of a path, as the header `Allow` lists them; `undefined` for one that is not in the table. */
function allowedByPath(): (path: string) => string | undefined {
  const router = new TableRouter<string>();
  const paths = new Set(routes.map(({ path }) => path));
  for (const path of paths) {
    const methods = routes.filter((route) => route.path === path).map(({ method }) => method);
    router.add('ALL', path, ['OPTIONS', ...(methods.includes('GET') ? ['HEAD'] : []), ...methods].join(','));
  }
  return (path) => router.match('ALL', path)[0][0]?.[0];
}

function methodNotAllowed(allowed: string): ApiError {
  const message = `This API end-point can only be accessed using the following HTTP methods: ${allowed}`;
  return new ApiError(405, 'method-not-allowed', message, { headers: { Allow: allowed } });
}

function pageNotFound(method: string): ApiError {
  return new ApiError(404, 'page-not-found', `There is no API endpoint at this URL for ${method}.`);
}
