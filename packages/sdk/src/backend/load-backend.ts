import { createRequire, isBuiltin } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { assertContractVersion, KvError } from '@kv/core';
import type { CreateBackend, StorageBackend } from '@kv/core';
import type { BackendChoice } from './choose-backend.js';

/**
 * Loads the package of a backend and creates the backend.
 *
 * @throws KvError `KV_BACKEND_NOT_INSTALLED`, with the command that installs it; `KV_BACKEND_INVALID` when the package is none;
 * `KV_BACKEND_INCOMPATIBLE` when it was built for another version of the contract.
 */
export async function loadBackend(choice: BackendChoice): Promise<StorageBackend> {
  const { packageName } = choice;
  if (isBuiltin(packageName)) throw invalid(choice, 'it is a module of Node');
  const url = findPackage(choice);
  if (url === undefined) throw notInstalled(choice);
  const exports = (await import(url)) as { createBackend?: CreateBackend };
  if (typeof exports.createBackend !== 'function') throw invalid(choice, 'it exports no function createBackend');
  const backend = await exports.createBackend(choice.options);
  assertContractVersion(backend);
  return backend;
}

/** Looks where this package is installed, and then in the project that the program was started in. */
function findPackage(choice: BackendChoice): string | undefined {
  for (const base of [import.meta.url, join(process.cwd(), 'package.json')]) {
    try {
      return pathToFileURL(createRequire(base).resolve(choice.packageName)).href;
    } catch (error) {
      const { code } = error as { code?: unknown };
      if (code === 'ERR_PACKAGE_PATH_NOT_EXPORTED')
        throw invalid(choice, 'its "exports" have no "default" condition', error);
      if (code !== 'MODULE_NOT_FOUND') throw error;
    }
  }
  return undefined;
}

function invalid({ packageName, reason }: BackendChoice, problem: string, cause?: unknown): KvError {
  return new KvError(
    'KV_BACKEND_INVALID',
    `The package ${packageName} cannot be used as a kv backend: ${problem}. It was chosen because ${reason}.`,
    { details: { packageName }, ...(cause === undefined ? {} : { cause }) },
  );
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
