import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { ApiError } from './api-error.js';

const BAD_REQUEST = new ApiError(400, 'invalid-request', 'The request is not valid HTTP.');

/** What the parser of Node refuses, by the code of its error. */
const CLIENT_ERRORS: Readonly<Record<string, ApiError>> = {
  HPE_HEADER_OVERFLOW: new ApiError(431, 'invalid-header', 'The URL and the headers together are longer than 16 KiB.'),
  ERR_HTTP_REQUEST_TIMEOUT: new ApiError(
    408,
    'operation-timed-out',
    'The headers of the request did not come in time.',
  ),
};

/**
 * Answers what is not even a request, as all other errors are answered, and ends the connection. Gives the status; `undefined`
 * when nobody is there to be answered.
 */
export function answerClientError(error: Error & { readonly code?: string }, socket: Duplex): number | undefined {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return undefined;
  }
  const { status, type, message } = CLIENT_ERRORS[error.code ?? ''] ?? BAD_REQUEST;
  const body = JSON.stringify({ error: { type, message } });
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
  return status;
}
