import type { ApiContext } from './api-context.js';

/** Gives the URL of something in the API as the world sees it. */
export function publicUrl(c: ApiContext, path: string, query?: Readonly<Record<string, string>>): string {
  const base = c.get('server').publicUrl ?? originOf(c.req.url);
  const search = query ? new URLSearchParams(query).toString() : '';
  return `${base}/v2${path}${search === '' ? '' : `?${search}`}`;
}

/** The URL of a request is in normal form: its path begins at the first slash after those of the scheme. */
function originOf(url: string): string {
  return url.slice(0, url.indexOf('/', 'https://'.length));
}
