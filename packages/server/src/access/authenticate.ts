import { andThen } from '../http/and-then.js';
import { ApiError } from '../http/api-error.js';
import { isLoopback } from '../http/is-loopback.js';
import type { ApiContext } from '../http/api-context.js';
import { requestHeader } from '../http/request-header.js';
import type { Identity } from './identity.js';

/**
 * Tells who sends a request; `undefined` when it carries no token.
 *
 * @throws ApiError 401 when the token is none of ours.
 */
export function authenticate(c: ApiContext): Identity | undefined | Promise<Identity> {
  const { tokens, openAs } = c.get('server');
  const token = givenToken(c);
  if (token === undefined) return openAs && !isOfOtherSite(c) ? { user: openAs, scope: 'manage' } : undefined;
  return andThen(tokens.identify(token), assertKnown);
}

function assertKnown(identity: Identity | undefined): Identity {
  if (identity) return identity;
  throw new ApiError(401, 'user-or-token-not-found', 'User was not found or authentication token is not valid.');
}

/** Gives the one who asks, on routes that need a token. */
export function requireIdentity(c: ApiContext): Identity {
  const identity = c.get('identity');
  if (!identity) throw tokenNotProvided();
  return identity;
}

/** The error of a request that needs a token and has none. */
export function tokenNotProvided(): ApiError {
  return new ApiError(401, 'token-not-provided', 'Authentication token was not provided.', {
    headers: { 'WWW-Authenticate': 'Bearer' },
  });
}

/** Where no token is needed, it must not be a page of some other site that makes a browser here act as the owner. */
function isOfOtherSite(c: ApiContext): boolean {
  const origin = c.req.header('origin');
  if (c.req.header('sec-fetch-site') === 'cross-site') return true;
  return origin !== undefined && !isLoopback(URL.parse(origin)?.hostname ?? '');
}

function givenToken(c: ApiContext): string | undefined {
  const header = requestHeader(c, 'authorization');
  if (header === undefined) return c.req.query('token');
  const token = /^Bearer +(\S+)$/i.exec(header)?.[1];
  if (token !== undefined) return token;
  throw new ApiError(401, 'auth-method-not-supported', 'The header Authorization must have the form "Bearer <token>".');
}
