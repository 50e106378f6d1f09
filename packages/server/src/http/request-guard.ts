import type { IncomingMessage } from 'node:http';
import { isIPv4 } from 'node:net';
import { ApiError } from './api-error.js';

const DOT_SEGMENT = /(^|\/)(\.|%2e){1,2}(\/|$)/i;

/** Tells whether a host name or address is this machine's own. */
export function isLoopback(host: string): boolean {
  const name = host.replace(/^\[(.*)\]$/, '$1').toLowerCase();
  return name === 'localhost' || name === '::1' || (isIPv4(name) && name.startsWith('127.'));
}

/**
 * Refuses what must not come as far as the routes, because nobody sees it afterwards: URLs are normalised on the way.
 *
 * - Segments of dots: the delete of a record `..` would be one of its store.
 * - Codings of the transfer other than chunks, which nobody would decode.
 * - On loopback, a foreign `Host`: the page of a site that has made its name that of this machine (DNS rebinding).
 *
 * @throws ApiError 400, 421.
 */
export function guardRequest(
  { url = '', headers }: IncomingMessage,
  allowedHosts: readonly string[] | undefined,
): void {
  const [path = ''] = url.split('?', 1);
  if (DOT_SEGMENT.test(path) || path.includes('\\')) {
    throw new ApiError(400, 'invalid-request', 'The path must not have segments of dots, nor backslashes.');
  }
  if ((headers['transfer-encoding'] ?? 'chunked').toLowerCase() !== 'chunked') {
    throw new ApiError(400, 'invalid-request', 'The only Transfer-Encoding that is supported is "chunked".');
  }
  if (allowedHosts === undefined) return;
  const host = hostName(headers.host ?? '');
  if (isLoopback(host) || allowedHosts.includes(host)) return;
  const message = 'The server does not go by this host name. Start it with --public-url to give it one.';
  throw new ApiError(421, 'invalid-request', message);
}

function hostName(header: string): string {
  return header.replace(/:\d+$/, '').toLowerCase();
}
