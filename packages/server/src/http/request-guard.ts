import type { IncomingMessage } from 'node:http';
import type { AllowedHosts } from './allowed-hosts.js';
import { ApiError } from './api-error.js';

const DOT_SEGMENT = /(^|\/)(\.|%2e){1,2}(\/|$)/i;

/**
 * Refuses what must not come as far as the routes, because nobody sees it afterwards: URLs are normalised on the way.
 *
 * - Segments of dots: the delete of a record `..` would be one of its store.
 * - Codings of the transfer other than chunks, which nobody would decode.
 * - An expectation that nobody would meet.
 * - On loopback, a foreign host: the page of a site that has made its name that of this machine (DNS rebinding).
 *
 * @throws ApiError 400, 417, 421.
 */
export function guardRequest({ url = '', headers }: IncomingMessage, allowedHosts: AllowedHosts | undefined): void {
  const [path = ''] = url.split('?', 1);
  if (DOT_SEGMENT.test(path) || path.includes('\\')) {
    throw new ApiError(400, 'invalid-request', 'The path must not have segments of dots, nor backslashes.');
  }
  if ((headers['transfer-encoding'] ?? 'chunked').toLowerCase() !== 'chunked') {
    throw new ApiError(400, 'invalid-request', 'The only Transfer-Encoding that is supported is "chunked".');
  }
  if ((headers.expect ?? '100-continue').toLowerCase() !== '100-continue') {
    throw new ApiError(417, 'invalid-header', 'The only Expect that is supported is "100-continue".');
  }
  const host = hostOf(url, headers.host);
  if (!allowedHosts || allowedHosts.has(host)) return;
  const message = 'The server does not go by this host name. Start it with --public-url to give it one.';
  throw new ApiError(421, 'invalid-request', message);
}

/** Gives the host with its port. A proxy sends the whole URL, whose host counts then (RFC 9112, 3.2.2). */
function hostOf(url: string, header: string | undefined): string {
  const host = url.startsWith('/') ? header : (URL.parse(url)?.host ?? header);
  if (host === undefined) throw new ApiError(400, 'invalid-request', 'The request has no header "Host".');
  return host;
}
