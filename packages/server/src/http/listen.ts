import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import type { HttpBindings } from '@hono/node-server';
import type { ServerLimits } from '../server-options.js';
import { answerClientError } from './answer-client-error.js';
import { ApiError } from './api-error.js';
import { ERROR_HEADERS, errorBody, errorResponse, toApiError } from './error-response.js';
import { OpenConnections } from './open-connections.js';
import { guardRequest, isLoopback } from './request-guard.js';
import { UploadWatch } from './upload-watch.js';

/** Where a server listens. */
export interface ListenOptions {
  /**
   * Address to listen on. On a loopback address, only requests are answered whose `Host` is one, or that of the public URL.
   *
   * @defaultValue '127.0.0.1'
   */
  readonly host?: string | undefined;
  /**
   * Port to listen on; 0 for any that is free.
   *
   * @defaultValue 0
   */
  readonly port?: number | undefined;
}

/** A server that listens. */
export interface ListeningServer {
  /** URL of the server, with the port that it got. */
  readonly url: string;
  /** Stops to listen; resolves when all requests in flight are answered. */
  readonly close: () => Promise<void>;
}

/** Handles a request with what Node knows of it. */
export type NodeFetch = (request: Request, env: HttpBindings) => Response | Promise<Response>;

/** What {@link listen} has to know of the server. */
export interface NodeServerOptions {
  readonly fetch: NodeFetch;
  readonly publicUrl: string | undefined;
  readonly limits: ServerLimits;
}

/** Serves a handler over HTTP. */
export async function listen(
  { fetch, publicUrl, limits }: NodeServerOptions,
  { host = '127.0.0.1', port = 0 }: ListenOptions = {},
): Promise<ListeningServer> {
  const publicHosts = publicUrl === undefined ? [] : [new URL(publicUrl).hostname];
  const allowedHosts = isLoopback(host) ? publicHosts : undefined;
  const watch = new UploadWatch(limits);
  const answer = getRequestListener((request, env) => fetch(request, env as HttpBindings), {
    hostname: host,
    errorHandler: (error) => errorResponse(isBadRequest(error) ? badRequest() : toApiError(error)),
  });
  const options = {
    keepAliveTimeout: limits.idleMillis,
    headersTimeout: limits.headersMillis,
    connectionsCheckingInterval: limits.headersMillis / 4,
    requestTimeout: 0,
    // Node itself would answer without a body.
    requireHostHeader: false,
    // Most requests have no body, and the life of an empty stream takes a tenth of the time of a small answer. `incoming` has no
    // events then. Node 24.12 and later know this.
    optimizeEmptyRequests: true,
  };
  const handle = (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    connections.add(outgoing);
    try {
      guardRequest(incoming, allowedHosts);
    } catch (error) {
      return refuse(incoming, outgoing, toApiError(error));
    }
    watch.add(incoming);
    void answer(incoming, outgoing);
  };
  const server = createServer(options, handle).on('checkExpectation', handle);
  const connections = new OpenConnections(server, limits.connectionsPerAddress);
  server.on('clientError', (error, socket) => {
    if (connections.isSending(socket)) socket.destroy();
    else answerClientError(error, socket);
  });
  server.listen(port, host);
  await once(server, 'listening');
  const { family, address, port: actualPort } = server.address() as AddressInfo;
  const url = `http://${family === 'IPv6' ? `[${address}]` : address}:${actualPort}`;
  return {
    url,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      connections.close();
      await closed;
      watch.stop();
    },
  };
}

function refuse(incoming: IncomingMessage, outgoing: ServerResponse, error: ApiError): void {
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

/** What the adapter refuses: a `Host` or a target that makes no URL. */
function isBadRequest(error: unknown): boolean {
  return error instanceof Error && error.name === 'RequestError';
}

function badRequest(): ApiError {
  return new ApiError(400, 'invalid-request', 'The request has no valid URL.');
}
