import type { ApiContext } from './api-context.js';
import { requestHeader } from './request-header.js';

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

/** Lets pages of all sites use the API: no cookie is ever read, so that a page can do no more than its token allows. */
export function addCorsHeaders(c: ApiContext, headers: Record<string, string>): void {
  headers['Access-Control-Allow-Origin'] = '*';
  // A long list, which only a page of another site has any use for.
  if (requestHeader(c, 'origin') !== undefined) headers['Access-Control-Expose-Headers'] = EXPOSED_HEADERS;
}
