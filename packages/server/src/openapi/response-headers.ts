import type { ResponseHeader } from './operation.js';

/** Makes a header that every response has to which it belongs. */
export function alwaysSent(description: string, type: 'string' | 'integer' | 'boolean' = 'string'): ResponseHeader {
  return { description, required: true, schema: { type } };
}

/** Where what was made can be found. */
export const LOCATION: ResponseHeader = {
  description: 'URL of what was stored.',
  required: true,
  schema: { type: 'string', format: 'uri' },
};

/** Counts of a list, which stand in its body too. */
export const PAGINATION_HEADERS: Readonly<Record<string, ResponseHeader>> = {
  'X-Apify-Pagination-Total': alwaysSent('As `total`.', 'integer'),
  'X-Apify-Pagination-Offset': alwaysSent('As `offset`.', 'integer'),
  'X-Apify-Pagination-Limit': alwaysSent('As `limit`.', 'integer'),
  'X-Apify-Pagination-Count': alwaysSent('As `count`.', 'integer'),
  'X-Apify-Pagination-Desc': alwaysSent('As `desc`.', 'boolean'),
};
