import type { BackendOptions } from '@kv/core';
import type { ConfigurationOption } from '../configuration/configuration-options.js';
import type { Configuration } from '../configuration/configuration.js';

/** Which backend to load, and why. */
export interface BackendChoice {
  /** The package that holds it. */
  readonly packageName: string;
  /** What to create it with. */
  readonly options: BackendOptions;
  /** The reason, for the log and for errors. */
  readonly reason: string;
}

const OWN_BACKENDS: ReadonlySet<string> = new Set(['fs', 'memory', 'cloud', 's3', 'postgres']);

/**
 * Chooses the backend by the configuration: `KV_BACKEND`, then the cloud when it is forced or the program runs on the platform,
 * then memory when storage is not to be persisted, then a directory that is set, then the cloud when there is a token, and
 * `./storage` when nothing is said.
 */
export function chooseBackend(config: Configuration, forceCloud: boolean): BackendChoice {
  const backend = config.get('backend');
  if (backend !== undefined) {
    const packageName = OWN_BACKENDS.has(backend.toLowerCase()) ? `@kv/${backend.toLowerCase()}` : backend;
    return choice(packageName, because(config, 'backend'), config);
  }
  if (forceCloud) return choice('@kv/cloud', 'forceCloud is set', config);
  if (config.get('isAtHome')) return choice('@kv/cloud', because(config, 'isAtHome'), config);
  if (!config.get('persistStorage')) return choice('@kv/memory', because(config, 'persistStorage'), config);
  if (config.get('storageDir') !== undefined) return choice('@kv/fs', because(config, 'storageDir'), config);
  if (config.get('token') !== undefined) return choice('@kv/cloud', because(config, 'token'), config);
  return choice('@kv/fs', 'nothing else is configured', config);
}

function choice(packageName: string, reason: string, config: Configuration): BackendChoice {
  return { packageName, reason, options: backendOptions(config) };
}

function because(
  config: Configuration,
  option: 'backend' | 'isAtHome' | 'persistStorage' | 'storageDir' | 'token',
): string {
  const state = config.get(option) === false ? 'off' : 'set';
  return `${sourceOf(config, option)} is ${state}`;
}

/** Names an environment variable, or an option. */
function sourceOf(config: Configuration, option: ConfigurationOption): string {
  const source = config.sourceOf(option);
  return source === 'option' ? `the option ${option}` : source;
}

function backendOptions(config: Configuration): BackendOptions {
  const token = config.get('token');
  const apiBaseUrl = config.get('apiBaseUrl');
  return {
    dir: config.get('storageDir') ?? './storage',
    token,
    tokenSource: token === undefined ? undefined : sourceOf(config, 'token'),
    apiBaseUrl,
    apiPublicBaseUrl: config.get('apiPublicBaseUrl') ?? apiBaseUrl,
    defaultKeyValueStoreId: config.get('defaultKeyValueStoreId'),
  };
}
