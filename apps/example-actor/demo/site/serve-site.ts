import { appendFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { notFound, site } from './site.ts';

export interface ServeSiteOptions {
  port: number;
  /** A file that gets one line for each request: its path. It outlives a kill. */
  accessLog?: string | undefined;
}

/** Serves the bundled site on 127.0.0.1. */
export async function serveSite({ port, accessLog }: ServeSiteOptions): Promise<Server> {
  const server = createServer((request, response) => {
    const path = request.url ?? '/';
    if (accessLog) appendFileSync(accessLog, `${path}\n`);
    const { status, headers, body, delayMillis } = site.get(path) ?? notFound;
    setTimeout(() => response.writeHead(status, { ...headers, 'content-length': body.length }).end(body), delayMillis);
  });
  // A demo that was killed a moment ago may hold the port a moment longer.
  for (let attempt = 1; ; attempt += 1) {
    const error = await listen(server, port);
    if (!error) return server;
    if (error.code !== 'EADDRINUSE' || attempt === 20) throw error;
    await delay(100);
  }
}

function listen(server: Server, port: number): Promise<NodeJS.ErrnoException | undefined> {
  return new Promise((resolve) => {
    server.once('error', resolve);
    server.listen(port, '127.0.0.1', () => resolve(undefined));
  });
}
