import type { ApiContext } from './api-context.js';

/** Gives the URL of something in the API as the world sees it. */
export function publicUrl(c: ApiContext, path: string, query: Readonly<Record<string, string>> = {}): string {
  const base = c.get('server').publicUrl ?? new URL(c.req.url).origin;
  const search = new URLSearchParams(query).toString();
  return `${base}/v2${path}${search === '' ? '' : `?${search}`}`;
}
