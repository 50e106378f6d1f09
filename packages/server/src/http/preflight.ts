import type { ApiContext } from './api-context.js';
import { respond } from './respond.js';
import type { ResponseHeaders } from './respond.js';

/**
 * `OPTIONS` of anything: lets a page send what it asks for, whatever that is, so that it can read why it was refused. `Allow`
 * says which methods the path has, if there is one.
 */
export function preflight(c: ApiContext, allowed: string | undefined): Response {
  const asked = c.req.header('access-control-request-headers');
  const headers: ResponseHeaders = {
    'Access-Control-Allow-Methods': 'GET,HEAD,PUT,POST,DELETE',
    'Access-Control-Max-Age': '600',
    ...(allowed !== undefined && { Allow: allowed }),
    ...(asked !== undefined && { 'Access-Control-Allow-Headers': asked }),
  };
  return respond(c, null, { status: 204, headers });
}
