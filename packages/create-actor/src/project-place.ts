import { isBuiltin } from 'node:module';
import { basename, resolve } from 'node:path';

/** Where a project goes, and what it is called. */
export interface ProjectPlace {
  readonly dir: string;
  /** The name of its package. */
  readonly name: string;
}

const SCOPED_NAME = /^@[a-z0-9][a-z0-9._-]*\/([a-z0-9][a-z0-9._-]*)$/;
const MAX_NAME_LENGTH = 214;

/**
 * Finds the place of a project by what the user has typed: the path of a folder, after whose last part the package is
 * named, or the name of a package with a scope, which goes into a folder without it.
 */
export function projectPlace(typed: string): ProjectPlace {
  if (typed.trim() === '') throw new Error('An empty text names no folder. Try my-actor, or . for this one.');
  const [, unscoped] = SCOPED_NAME.exec(typed) ?? [];
  const dir = resolve(unscoped ?? typed);
  return { dir, name: unscoped === undefined ? packageName(basename(dir)) : typed };
}

/** What npm takes for a name, as close to that of the folder as can be. */
function packageName(folder: string): string {
  const name = folder
    .normalize('NFKD')
    .replaceAll(/\p{Mark}/gu, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, '-')
    .replaceAll(/^[._-]+|-+$/g, '')
    .slice(0, MAX_NAME_LENGTH);
  if (name === '') return 'my-actor';
  return isBuiltin(name) || name === 'node_modules' ? `${name}-actor` : name;
}
