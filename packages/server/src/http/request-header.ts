import type { ApiContext } from './api-context.js';

/**
 * Reads a header of a request, by its name in lower case; `undefined` when there is none. Of several with one name, it gives
 * the first, or all in one line, as `IncomingMessage.headers` does.
 *
 * Node has looked at all headers already; the adapter would look at each of them once more.
 */
export function requestHeader(c: ApiContext, name: Lowercase<string>): string | undefined {
  const { incoming } = c.env;
  if (!incoming) return c.req.header(name);
  const value = incoming.headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
}
