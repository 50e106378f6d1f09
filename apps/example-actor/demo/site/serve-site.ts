import { once } from 'node:events';
import { appendFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { notFound, site } from './site.ts';

/** As long as a demo takes: one may be running on after a kill that hit only what had started it, such as npx. */
const PATIENCE_MILLIS = 8000;

export interface ServeSiteOptions {
  port: number;
  /** A file that gets one line for each request: its path. It outlives a kill. */
  accessLog?: string | undefined;
}

/**
 * Serves the bundled site on 127.0.0.1.
 *
 * @throws Error that says what to do when the port is taken.
 */
export async function serveSite({ port, accessLog }: ServeSiteOptions): Promise<Server> {
  const server = createServer((request, response) => {
    const path = request.url ?? '/';
    if (accessLog) appendFileSync(accessLog, `${path}\n`);
    const { status, headers, body, delayMillis } = site.get(path) ?? notFound;
    setTimeout(() => response.writeHead(status, { ...headers, 'content-length': body.length }).end(body), delayMillis);
  });
  const deadline = performance.now() + PATIENCE_MILLIS;
  for (let attempt = 1; ; attempt += 1) {
    try {
      await once(server.listen(port, '127.0.0.1'), 'listening');
      return server;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
      if (performance.now() > deadline) throw new Error(explainTaken(port), { cause: error });
    }
    if (attempt === 1) console.log(`Port ${port} is taken; waiting a little for an earlier demo to end.`);
    await delay(100);
  }
}

function explainTaken(port: number): string {
  return (
    `Port ${port} of 127.0.0.1, for the bundled site, is taken. Choose another one with --port.\n` +
    'To archive a server of your own there, write localhost instead of 127.0.0.1.'
  );
}
