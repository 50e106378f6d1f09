import type { StorageBackend } from '@kv/core';
import type { Configuration } from '../configuration/configuration.js';
import { log } from '../log.js';

/** Empties the default and alias storages of a backend, all but the input, and says so; nothing where that is switched off. */
export async function purgeOnStart(backend: StorageBackend, config: Configuration): Promise<void> {
  if (!config.get('purgeOnStart') || !backend.capabilities.purge) return;
  const results = await backend.purge({ keepKeys: [config.get('inputKey')] });
  const purged = results.filter(({ removed }) => removed > 0);
  if (purged.length === 0) return;
  const parts = purged.map(({ label, removed, kept }) => {
    return `${label} (${removed} ${removed === 1 ? 'record' : 'records'} removed, ${kept === 0 ? 'no input' : 'the input kept'})`;
  });
  log(`purged what the last run left in ${parts.join(', ')}. Set KV_PURGE_ON_START=0 to keep it.`);
}
