import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { ROOT, succeed } from './run-shell.ts';
import { serveTarballs } from './scope-registry.ts';

/** Packages of this repository as npm finds them who does not have it. */
export interface ServedPackages extends AsyncDisposable {
  /** What npm runs with to find them. */
  readonly env: Readonly<Record<string, string>>;
}

/** Packs packages of this repository, which are built, and serves them to npm; the tarballs go into a folder. */
export async function packAndServe(names: readonly string[], dir: string): Promise<ServedPackages> {
  mkdirSync(dir, { recursive: true });
  const { packageManager } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  for (const name of names) {
    await succeed(`npx -y ${packageManager} pack --pack-destination "${dir}"`, join(ROOT, 'packages', name));
  }
  const registry = await serveTarballs(globSync('*.tgz', { cwd: dir }).map((file) => join(dir, file)));
  const own = process.env['npm_config_userconfig'] ?? join(homedir(), '.npmrc');
  const lines = existsSync(own) ? readFileSync(own, 'utf8') : '';
  const userConfig = join(dir, 'npmrc');
  writeFileSync(userConfig, `${lines}\n@kv:registry=${registry.url}\n`);
  // What another run left in npm's cache under the same version is another package.
  const env = { npm_config_userconfig: userConfig, npm_config_cache: join(dir, 'cache'), npm_config_yes: 'true' };
  return { env, [Symbol.asyncDispose]: () => registry[Symbol.asyncDispose]() };
}
