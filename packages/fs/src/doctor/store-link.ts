import { existsSync, lstatSync, realpathSync } from 'node:fs';
import { join, sep } from 'node:path';
import { isFileError } from '../io/file-error.js';
import { listNames } from '../io/list-names.js';
import { METADATA_FILE } from '../layout/sidecar.js';
import type { Problem } from './problem.js';
import type { Site } from './site.js';

/** Follows all links of a path; gives it as it is when it leads nowhere, as while a purge is at work. */
export function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    if (isFileError(error)) return path;
    throw error;
  }
}

/** Tells whether a path is a symbolic link. */
export function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
}

/**
 * Tells of a link among the stores that leads to anything but a store of its own: a repair through it would take the files of
 * other stores for damaged records.
 *
 * @param seen - The directories that are stores, by their real paths.
 */
export function storeLinkProblem(
  { root, storesDir }: Site,
  path: string,
  seen: ReadonlyMap<string, string>,
): Problem | undefined {
  if (!isLink(path)) return undefined;
  const target = realPath(path);
  const stores = realPath(storesDir);
  const twin = seen.get(target);
  const tell = (what: string): Problem => {
    return { code: 'store-link', path, message: `${path} is a link to ${target}: ${what}. It is left alone.` };
  };
  if (twin !== undefined) return tell(`that is the store in ${twin}`);
  if (isWithin(stores, target) || holdsStores(target)) return tell('a directory that holds stores, and is none');
  if (isWithin(target, stores) || isWithin(target, join(realPath(root), '.kv'))) return tell('no store of its own');
  return existsSync(join(target, METADATA_FILE)) ? undefined : tell('nothing says that it is a store');
}

function isWithin(path: string, dir: string): boolean {
  return path === dir || path.startsWith(dir.endsWith(sep) ? dir : dir + sep);
}

function holdsStores(dir: string): boolean {
  return listNames(dir).some((name) => name === 'key_value_stores' || existsSync(join(dir, name, METADATA_FILE)));
}
