import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { runServer } from 'verdaccio';

/** A registry on loopback, to which anybody may publish `@kv/*`, and nothing else. */
export interface LocalRegistry extends AsyncDisposable {
  readonly url: string;
  /** What npm and pnpm run with to find `@kv/*` there, and everything else where they always do. */
  readonly env: Readonly<Record<string, string>>;
}

/** Starts a registry over a folder, which may hold what another one has left there. */
export async function startRegistry(dir: string): Promise<LocalRegistry> {
  const server: Server = await runServer({
    self_path: dir,
    storage: join(dir, 'storage'),
    uplinks: {},
    packages: { '@kv/*': { access: '$all', publish: '$all' }, '**': { access: 'nobody', publish: 'nobody' } },
    auth: {},
    web: { enable: false },
    log: { type: 'stdout', format: 'pretty', level: 'error' },
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: `http://${host}/`,
    env: { npm_config_userconfig: writeUserConfig(dir, host), npm_config_yes: 'true' },
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Adds the registry to what npm's user has configured. npm publishes with a token alone, and this one opens nothing. */
function writeUserConfig(dir: string, host: string): string {
  const own = process.env['npm_config_userconfig'] ?? join(homedir(), '.npmrc');
  const lines = existsSync(own) ? readFileSync(own, 'utf8') : '';
  const file = join(dir, 'npmrc');
  writeFileSync(file, `${lines}\n@kv:registry=http://${host}/\n//${host}/:_authToken=rehearsal\n`);
  return file;
}
