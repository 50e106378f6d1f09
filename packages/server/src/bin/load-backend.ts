import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { CreateBackend, StorageBackend } from '@kv/core';
import { createBackend } from '@kv/fs';
import { UsageError } from './usage-error.js';

/**
 * Opens the backend of the given name: the embedded one for `fs`, otherwise that of a package which is installed in the
 * current directory or beside this one.
 *
 * @throws UsageError
 */
export async function loadBackend(name: string, dir: string): Promise<StorageBackend> {
  if (name === 'fs') return createBackend({ dir });
  const packageName = /^[a-z0-9-]+$/.test(name) ? `@kv/${name}` : name;
  const exports = (await import(resolve(packageName))) as { readonly createBackend?: CreateBackend };
  if (typeof exports.createBackend === 'function') return exports.createBackend({ dir });
  throw new UsageError(`The package ${packageName} exports no function createBackend.`);
}

function resolve(packageName: string): string {
  for (const base of [join(process.cwd(), 'package.json'), import.meta.url]) {
    try {
      return pathToFileURL(createRequire(base).resolve(packageName)).href;
    } catch {
      // The other place may have it.
    }
  }
  throw new UsageError(`The package ${packageName} is not installed. Run: npm install ${packageName}`);
}
