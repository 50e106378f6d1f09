import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What an installation has put into a folder. */
export interface InstalledWeight {
  /** The packages, with all that they depend on. */
  readonly packages: readonly string[];
  /** What `node_modules` takes on disk, as `du` counts it. */
  readonly kilobytes: number;
}

/** Weighs what npm has installed in a folder. */
export function installedWeight(dir: string): InstalledWeight {
  const root = join(dir, 'node_modules');
  const lock = JSON.parse(readFileSync(join(root, '.package-lock.json'), 'utf8')) as { packages: object };
  const packages = Object.keys(lock.packages).map((path) => path.replace(/^.*node_modules\//, ''));
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' });
  const blocks = ['.', ...files].map((file) => lstatSync(join(root, file)).blocks);
  return { packages, kilobytes: blocks.reduce((sum, count) => sum + count, 0) / 2 };
}
