import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { KvError } from '@kv/core';
import type { CreateBackend, StorageBackend } from '@kv/core';
import type { BackendChoice } from './choose-backend.js';

/**
 * Loads the package of a backend and creates the backend.
 *
 * @throws KvError `KV_BACKEND_NOT_INSTALLED`, with the command that installs it; `KV_BACKEND_INVALID` when the package is none.
 */
export async function loadBackend(choice: BackendChoice): Promise<StorageBackend> {
  const url = findPackage(choice.packageName);
  if (url === undefined) throw notInstalled(choice);
  const exports = (await import(url)) as { createBackend?: CreateBackend };
  if (typeof exports.createBackend !== 'function') {
    throw new KvError(
      'KV_BACKEND_INVALID',
      `The package ${choice.packageName} is no kv backend: it exports no function createBackend. ` +
        `It was chosen because ${choice.reason}.`,
      { details: { packageName: choice.packageName } },
    );
  }
  return exports.createBackend(choice.options);
}

/** Looks where this package is installed, and then in the project that the program was started in. */
function findPackage(packageName: string): string | undefined {
  for (const base of [import.meta.url, join(process.cwd(), 'package.json')]) {
    try {
      return pathToFileURL(createRequire(base).resolve(packageName)).href;
    } catch (error) {
      if (!isModuleNotFound(error)) throw error;
    }
  }
  return undefined;
}

function isModuleNotFound(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'MODULE_NOT_FOUND';
}

function notInstalled({ packageName, reason }: BackendChoice): KvError {
  const isCloud = packageName === '@kv/cloud';
  const otherWay = isCloud
    ? ' To keep the data in a local directory instead, set KV_BACKEND=fs or APIFY_LOCAL_STORAGE_DIR.'
    : '';
  return new KvError(
    'KV_BACKEND_NOT_INSTALLED',
    `The package ${packageName} is needed, because ${reason}, but it is not installed. Run: npm install ${packageName}.${otherWay}`,
    { details: { packageName } },
  );
}
