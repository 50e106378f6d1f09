import { existsSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { fileKind } from './file-kind.js';
import { markOf } from './problem.js';
import type { Problem } from './problem.js';
import { accessProblem } from './site.js';
import type { Site } from './site.js';

// The quarantine comes first: the others are moved there.
const NAMES = ['quarantine', 'creation', 'runs', 'stores', 'swaps', 'tmp', 'trash'];

/** Tells of anything that stands in the place of a directory which kv needs for itself. */
export function lookAtOwnDirectories(site: Site): Problem[] {
  const dir = join(site.root, '.kv');
  if (isBlocked(dir)) return [blockedProblem(site, dir)];
  const denied = accessProblem(dir, true);
  if (denied?.code === 'access-denied') return [denied];
  return NAMES.map((name) => join(dir, name))
    .filter(isBlocked)
    .map((path) => blockedProblem(site, path));
}

function isBlocked(path: string): boolean {
  return fileKind(path) !== 'directory' && markOf(path) !== undefined;
}

function blockedProblem({ root, quarantine }: Site, path: string): Problem {
  const mark = markOf(path);
  const isNeeded = [join(root, '.kv'), join(root, '.kv', 'quarantine')].includes(path);
  const repair = (): boolean => (isNeeded ? moveBeside(path, mark) : quarantine.take(path, mark));
  const message = `${path} is no directory: opening, writing or purging fails there.`;
  return { code: 'blocked-directory', path, message, repair };
}

/** Without these two there is no quarantine. */
function moveBeside(path: string, mark: string | undefined): boolean {
  let count = 1;
  while (existsSync(`${path}~${count}`)) count += 1;
  if (markOf(path) !== mark) return false;
  renameSync(path, `${path}~${count}`);
  return true;
}
