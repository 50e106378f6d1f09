import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { getRequestListener } from '@hono/node-server';
import type { HttpBindings } from '@hono/node-server';
import type { ServerLimits } from '../server-options.js';
import { AllowedHosts } from './allowed-hosts.js';
import { answerClientError } from './answer-client-error.js';
import { ApiError } from './api-error.js';
import { errorResponse, toApiError } from './error-response.js';
import { OpenConnections } from './open-connections.js';
import { refusalOf, refuse } from './refuse.js';
import { inBatches } from './in-batches.js';
import { isLoopback } from './is-loopback.js';
import { guardRequest } from './request-guard.js';
import type { Refusal } from './report.js';
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
  /** Is told of what is refused before it comes to the handler. */
  readonly onRefused: (refusal: Refusal) => void;
}

/** Serves a handler over HTTP. */
export async function listen(
  { fetch, publicUrl, limits, onRefused }: NodeServerOptions,
  { host = '127.0.0.1', port = 0 }: ListenOptions = {},
): Promise<ListeningServer> {
  const publicHosts = publicUrl === undefined ? [] : [new URL(publicUrl).hostname];
  const allowedHosts = isLoopback(host) ? new AllowedHosts(publicHosts) : undefined;
  const watch = new UploadWatch(limits);
  const answer = answerBy({ fetch, onRefused }, host);
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
      const refusal = toApiError(error);
      onRefused(refusalOf(incoming, refusal));
      return refuse(incoming, outgoing, refusal);
    }
    watch.add(incoming);
    answer(incoming, outgoing);
  };
  const server = createServer(options, handle).on('checkExpectation', handle);
  const connections = new OpenConnections(server, {
    maxPerAddress: limits.connectionsPerAddress,
    onClosed: (socket) => watch.forget(socket),
  });
  server.on('clientError', (error, socket) => refuseSocket(error, socket, { connections, onRefused }));
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

/** Gives what answers a request by a handler. */
function answerBy(
  { fetch, onRefused }: Pick<NodeServerOptions, 'fetch' | 'onRefused'>,
  hostname: string,
): (incoming: IncomingMessage, outgoing: ServerResponse) => void {
  let latest: IncomingMessage | undefined;
  const answer = getRequestListener((request, env) => fetch(request, env as HttpBindings), {
    hostname,
    errorHandler: (error) => {
      if (!isBadRequest(error)) return errorResponse(toApiError(error));
      const refusal = badRequest();
      // The adapter looks at the URL before it does anything that takes time.
      if (latest) onRefused(refusalOf(latest, refusal));
      return errorResponse(refusal);
    },
  });
  return inBatches((incoming, outgoing) => {
    latest = incoming;
    void answer(incoming, outgoing);
  });
}

/** Answers what is not even a request, unless an answer is being sent. */
function refuseSocket(
  error: Error,
  socket: Duplex,
  { connections, onRefused }: { readonly connections: OpenConnections } & Pick<NodeServerOptions, 'onRefused'>,
): void {
  if (connections.isSending(socket)) {
    socket.destroy();
    return;
  }
  const status = answerClientError(error, socket);
  // A request that is being answered is told of when that has failed.
  const isTold = status === undefined || connections.isAnswering(socket);
  if (!isTold) onRefused({ method: '', path: '', status, userAgent: undefined });
}

/** What the adapter refuses: a `Host` or a target that makes no URL. */
function isBadRequest(error: unknown): boolean {
  return error instanceof Error && error.name === 'RequestError';
}

function badRequest(): ApiError {
  return new ApiError(400, 'invalid-request', 'The request has no valid URL.');
}
