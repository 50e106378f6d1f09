import { isBuiltin } from 'node:module';

/** What a backend is called, in its files and in its package. */
export interface BackendNames {
  /** The package: `kv-redis`, `@acme/kv-redis`. */
  readonly packageName: string;
  /** The medium, for files and messages: `redis`. */
  readonly word: string;
  /** The medium, for classes: `Redis`. */
  readonly className: string;
  /** The folder of the package: its name without the scope. */
  readonly folder: string;
}

const PACKAGE_NAME = /^(?:@[a-z0-9][a-z0-9-]*\/)?[a-z0-9][a-z0-9-]*$/;
const MAX_NAME_LENGTH = 100;

/**
 * Finds the names of a backend by the name of its package; `kv-` before it and `-backend` behind it are no part of the medium's.
 *
 * @throws `Error` when no package can have the name, or no class can be named after it.
 */
export function backendNames(packageName: string): BackendNames {
  if (!PACKAGE_NAME.test(packageName) || packageName.length > MAX_NAME_LENGTH) {
    const rule = `It has up to ${MAX_NAME_LENGTH} lower-case letters, digits and hyphens, after a scope if you like: kv-redis, @acme/kv-redis`;
    throw new Error(`${JSON.stringify(packageName)} cannot be the name of a package. ${rule}.`);
  }
  if (isBuiltin(packageName)) {
    throw new Error(`The name ${packageName} belongs to a module of Node. Try kv-${packageName}.`);
  }
  const folder = packageName.replace(/^.*\//, '');
  const word = folder.replace(/^kv-/, '').replace(/-backend$/, '');
  if (!/^[a-z]/.test(word) || word.endsWith('-')) {
    throw new Error(
      `Classes are named after the backend, and ${JSON.stringify(word)} is no name for one. Try kv-redis.`,
    );
  }
  const className = word.replaceAll(/(?:^|-+)(.)/g, (_, letter: string) => letter.toUpperCase());
  return { packageName, word, className, folder };
}
