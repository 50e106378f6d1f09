import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import type { HttpBindings } from '@hono/node-server';

/** Where a server listens. */
export interface ListenOptions {
  /**
   * Address to listen on.
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
export type NodeFetch = (request: Request, env: Partial<HttpBindings>) => Response | Promise<Response>;

// Clients keep idle connections for 15 seconds and more; who closes first must not be the server.
const KEEP_ALIVE_MILLIS = 75_000;

/** Serves a handler over HTTP. */
export async function listen(
  fetch: NodeFetch,
  { host = '127.0.0.1', port = 0 }: ListenOptions = {},
): Promise<ListeningServer> {
  const server = createAdaptorServer({
    fetch: (request, env) => fetch(request, env as HttpBindings),
    hostname: host,
    serverOptions: { keepAliveTimeout: KEEP_ALIVE_MILLIS, requestTimeout: 0 },
  }) as Server;
  server.listen(port, host);
  await once(server, 'listening');
  const address = server.address() as AddressInfo;
  const name = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return { url: `http://${name}:${address.port}`, close: () => close(server) };
}

async function close(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeIdleConnections();
  await closed;
}
