import type { StorageBackend } from '@kv/core';
import type { Configuration } from '../configuration/configuration.js';
import { log } from '../log.js';

interface Purges<Place> {
  get(place: Place): Promise<void> | undefined;
  set(place: Place, purge: Promise<void>): unknown;
  delete(place: Place): boolean;
}

const purgesOfPlaces: Purges<string> = new Map<string, Promise<void>>();
const purgesOfBackends: Purges<StorageBackend> = new WeakMap<StorageBackend, Promise<void>>();

/**
 * Empties the default and alias storages of a place, all but the input, and says so; nothing where that is switched off.
 *
 * Once in a process for each place, whatever the number of configurations: what this run has stored is not left by the last.
 * A backend that is not persistent is a place of its own.
 */
export async function purgeOnStart(backend: StorageBackend, config: Configuration): Promise<void> {
  const place = JSON.stringify([backend.name, backend.location, config.get('defaultKeyValueStoreId')]);
  if (backend.capabilities.persistent) return purgeOnce(purgesOfPlaces, place, () => purgeNow(backend, config));
  return purgeOnce(purgesOfBackends, backend, () => purgeNow(backend, config));
}

async function purgeOnce<Place>(purges: Purges<Place>, place: Place, start: () => Promise<void>): Promise<void> {
  const known = purges.get(place);
  if (known) return known;
  const purge = start();
  purges.set(place, purge);
  try {
    await purge;
  } catch (error) {
    purges.delete(place);
    throw error;
  }
}

async function purgeNow(backend: StorageBackend, config: Configuration): Promise<void> {
  if (!config.get('purgeOnStart') || !backend.capabilities.purge) return;
  const results = await backend.purge({ keepKeys: [config.get('inputKey')] });
  const purged = results.filter(({ removed }) => removed > 0);
  if (purged.length === 0) return;
  const parts = purged.map(({ label, removed, kept }) => {
    return `${label} (${removed} ${removed === 1 ? 'record' : 'records'} removed, ${kept === 0 ? 'no input' : 'the input kept'})`;
  });
  log(`purged what the last run left in ${parts.join(', ')}. Set KV_PURGE_ON_START=0 to keep it.`);
}
