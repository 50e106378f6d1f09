/**
 * Loaded into the actor's process before the actor: serves the bundled site from there, and ends with the demo.
 *
 * Site and actor share one process, so that they die at the same instant: if the site died first, an actor about to be
 * killed would archive its pages as broken.
 */
import { serveSite } from './site/serve-site.ts';

const { DEMO_SITE_PORT, DEMO_ACCESS_LOG } = process.env;

process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'));
process.channel?.unref();

if (DEMO_SITE_PORT) {
  const server = await serveSite({ port: Number(DEMO_SITE_PORT), accessLog: DEMO_ACCESS_LOG }).catch(explain);
  server.unref();
}

function explain(error: NodeJS.ErrnoException): never {
  console.error(
    error.code === 'EADDRINUSE'
      ? `Port ${DEMO_SITE_PORT} of 127.0.0.1, for the bundled site, is taken.\n` +
          'Choose another one with --port. To archive a server of your own there, write localhost instead of 127.0.0.1.'
      : `The bundled site cannot be served on 127.0.0.1:${DEMO_SITE_PORT}: ${error.message}`,
  );
  process.exit(1);
}
