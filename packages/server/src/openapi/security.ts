import type { Route } from '../http/route.js';

type Requirement = Readonly<Record<string, readonly string[]>>;

/** How a request says who sends it. */
export const SECURITY_SCHEMES: Readonly<Record<string, object>> = {
  bearer: { type: 'http', scheme: 'bearer', description: 'A token, as `kv-server token create` makes it.' },
  token: { type: 'apiKey', in: 'query', name: 'token', description: 'The same in the URL, for what sends no headers.' },
  signature: {
    type: 'apiKey',
    in: 'query',
    name: 'signature',
    description: 'Part of the signed links that the server gives out. It opens what the link names, to read.',
  },
};

/** Where a token is needed. */
export const TOKEN_NEEDED: readonly Requirement[] = [{ bearer: [] }, { token: [] }];

/** Gives the credentials that a route takes; the empty one stands for stores that are open to all readers. */
export function securityOf({ right, link }: Pick<Route, 'right' | 'link'>): readonly Requirement[] | undefined {
  if (right === 'public') return [];
  if (right !== 'store-read') return undefined;
  return [...TOKEN_NEEDED, ...(link ? [{ signature: [] }] : []), {}];
}
