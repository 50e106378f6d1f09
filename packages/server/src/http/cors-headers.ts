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
export function addCorsHeaders(headers: Record<string, string>): void {
  headers['Access-Control-Allow-Origin'] = '*';
  headers['Access-Control-Expose-Headers'] = EXPOSED_HEADERS;
}
