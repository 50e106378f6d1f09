import { jsonContent } from './json-response.js';
import type { ResponseDescription, ResponseHeader } from './operation.js';
import { schemaRef } from './schema.js';

interface ErrorRow {
  readonly name: string;
  readonly description: string;
  readonly headers?: Readonly<Record<string, ResponseHeader>>;
}

/** What errors mean, by status. */
const ERRORS: Readonly<Record<number, ErrorRow>> = {
  400: { name: 'BadRequest', description: 'A parameter, a header or the body cannot be understood or is not allowed.' },
  401: {
    name: 'Unauthorized',
    description: 'There is no token, or none that the server knows.',
    headers: {
      'WWW-Authenticate': { description: '`Bearer`, when there was no token.', schema: { type: 'string' } },
    },
  },
  403: { name: 'Forbidden', description: 'The token has not the right, or the signature is not valid.' },
  404: { name: 'NotFound', description: 'There is no such thing, or it is not for the one who asks.' },
  406: { name: 'NotAcceptable', description: 'The header `Accept-Encoding` allows nothing that there is.' },
  408: { name: 'RequestTimeout', description: 'The body did not come in time.' },
  409: { name: 'Conflict', description: 'What describes the record or the store is damaged, or the store is in use.' },
  412: { name: 'PreconditionFailed', description: 'The record is not the one that the conditions name.' },
  413: { name: 'ContentTooLarge', description: 'The body is larger than the server takes, after decompression.' },
  415: { name: 'UnsupportedMediaType', description: 'The server does not know the `Content-Encoding` of the body.' },
  416: {
    name: 'RangeNotSatisfiable',
    description: 'The range has nothing of the record.',
    headers: {
      'Content-Range': { description: '`bytes */size`', required: true, schema: { type: 'string' } },
    },
  },
  421: { name: 'MisdirectedRequest', description: 'The server does not go by the name in the header `Host`.' },
  429: {
    name: 'TooManyRequests',
    description: 'There were more requests in this second than the limits allow.',
    headers: {
      'Retry-After': { description: 'Seconds to wait.', required: true, schema: { type: 'integer' } },
      'X-RateLimit-Limit': { description: 'Requests per second.', required: true, schema: { type: 'integer' } },
    },
  },
  500: { name: 'InternalServerError', description: 'The server failed. Its log says more.' },
  503: {
    name: 'ServiceUnavailable',
    description: 'The server is shutting down, or others change the same. Try again.',
  },
  507: { name: 'InsufficientStorage', description: 'There is no space left.' },
};

/** The responses that operations share. */
export const ERROR_RESPONSES: Readonly<Record<string, ResponseDescription>> = Object.fromEntries(
  Object.values(ERRORS).map(({ name, ...row }) => [name, { ...row, content: jsonContent(schemaRef('ErrorResponse')) }]),
);

/** Refers to the response of an error. */
export function errorRef(status: number): object {
  const { name } = ERRORS[status] ?? {};
  if (name === undefined) throw new TypeError(`Add the status ${status} to the errors of the OpenAPI document.`);
  return { $ref: `#/components/responses/${name}` };
}
