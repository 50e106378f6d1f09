import type { MiddlewareHandler } from 'hono';
import type { ApiEnv } from './api-context.js';

const EXPOSED_HEADERS = [
  'Content-Disposition',
  'Content-Encoding',
  'Content-Range',
  'ETag',
  'Location',
  'Retry-After',
  'X-RateLimit-Limit',
  ...['Total', 'Offset', 'Limit', 'Count', 'Desc'].map((name) => `X-Apify-Pagination-${name}`),
].join(',');

const PREFLIGHT_HEADERS = {
  'Access-Control-Allow-Methods': 'GET,HEAD,PUT,POST,DELETE',
  'Access-Control-Max-Age': '600',
};

/**
 * Lets pages of all sites use the API: no cookie is ever read, so that a page can do no more than its token allows.
 *
 * Sets its headers afterwards; the middleware of Hono does so before, which makes every response be built twice.
 */
export const cors: MiddlewareHandler<ApiEnv> = async (c, next) => {
  if (c.req.method === 'OPTIONS') {
    const headers = c.req.header('access-control-request-headers');
    c.res = new Response(null, { status: 204, headers: PREFLIGHT_HEADERS });
    if (headers !== undefined) c.res.headers.set('Access-Control-Allow-Headers', headers);
  } else {
    await next();
  }
  c.res.headers.set('Access-Control-Allow-Origin', '*');
  c.res.headers.set('Access-Control-Expose-Headers', EXPOSED_HEADERS);
};
