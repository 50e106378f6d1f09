import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ApiError } from './api-error.js';
import { ERROR_HEADERS, errorBody } from './error-response.js';
import type { Refusal } from './report.js';

/** What is told of a refusal. */
export function refusalOf({ method = '', url = '', headers }: IncomingMessage, { status }: ApiError): Refusal {
  return { method, path: pathOf(url), status, userAgent: headers['user-agent'] };
}

/** Gives the path of a target that may be anything, such as a URL with a password. */
function pathOf(url: string): string {
  const [target = ''] = url.split(/[?#]|%3f/i, 1);
  return target.startsWith('/') ? target : (URL.parse(target)?.pathname ?? '');
}

/** Answers a request that no handler may get, and ends the connection. */
export function refuse(incoming: IncomingMessage, outgoing: ServerResponse, error: ApiError): void {
  const body = JSON.stringify(errorBody(error));
  incoming.resume();
  outgoing.writeHead(error.status, {
    ...ERROR_HEADERS,
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(body),
    Connection: 'close',
  });
  outgoing.end(body);
}
