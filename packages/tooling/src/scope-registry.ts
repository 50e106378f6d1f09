import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename } from 'node:path';
import { spawnSync } from 'node:child_process';

/** A package registry on loopback that holds some tarballs: for npm, they are published. */
export interface ScopeRegistry extends AsyncDisposable {
  readonly url: string;
}

/** Serves tarballs as npm asks for them. */
export async function serveTarballs(tarballs: readonly string[]): Promise<ScopeRegistry> {
  const packages = new Map(tarballs.map((file) => [manifestOf(file).name, file]));
  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url ?? '/').slice(1);
    const file = packages.get(path) ?? tarballs.find((tarball) => basename(tarball) === path);
    if (file === undefined) return response.writeHead(404).end();
    if (!packages.has(path)) return response.end(readFileSync(file));
    return response.setHeader('content-type', 'application/json').end(JSON.stringify(packument(file, url)));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return {
    url,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function packument(file: string, url: string): unknown {
  const manifest = manifestOf(file);
  const { name, version } = manifest;
  const integrity = `sha512-${createHash('sha512').update(readFileSync(file)).digest('base64')}`;
  const dist = { tarball: `${url}${basename(file)}`, integrity };
  return { name, 'dist-tags': { latest: version }, versions: { [version]: { ...manifest, dist } } };
}

function manifestOf(file: string): { name: string; version: string } {
  const { stdout } = spawnSync('tar', ['-xzOf', file, 'package/package.json'], { encoding: 'utf8' });
  return JSON.parse(stdout) as { name: string; version: string };
}
