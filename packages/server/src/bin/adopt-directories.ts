import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { isKvError } from '@kv/core';
import type { StorageBackend } from '@kv/core';

const DEFAULT_PLACE = 'default';

/**
 * Opens each directory of stores that has no metadata, as a program does that knows its name: Crawlee 3 and Apify's SDK 3 write
 * none, and what has none is not listed. Tells of those that cannot be opened; they stay as they are.
 */
export async function adoptDirectories(backend: StorageBackend, tell: (line: string) => void): Promise<void> {
  const root = join(backend.location, 'key_value_stores');
  for (const name of directoriesIn(root)) {
    if (existsSync(join(root, name, '__metadata__.json'))) continue;
    const problem = await tryToOpen(backend, name);
    if (problem !== undefined) tell(`The directory ${join(root, name)} is not served. ${problem}`);
  }
}

function directoriesIn(root: string): string[] {
  if (!existsSync(root)) return [];
  const entries = readdirSync(root, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.')).map(({ name }) => name);
}

async function tryToOpen(backend: StorageBackend, name: string): Promise<string | undefined> {
  try {
    if (name !== DEFAULT_PLACE && (await isTaken(backend, name)))
      return 'Another store has its name. Rename one of them.';
    await backend.openKeyValueStore(name === DEFAULT_PLACE ? {} : { name });
    return undefined;
  } catch (error) {
    if (isKvError(error)) return error.message;
    throw error;
  }
}

/** Tells whether a program that opens the name would get another directory. */
async function isTaken(backend: StorageBackend, name: string): Promise<boolean> {
  return name.toLowerCase() === DEFAULT_PLACE || (await backend.findKeyValueStore({ name })) !== undefined;
}
