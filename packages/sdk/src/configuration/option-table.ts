import { parseBoolean, parseKey, parseMillis, parseText } from './parse-variable.js';
import type { ConfigurationOption, ConfigurationValues } from './configuration-options.js';

/** Says where an option may come from and what it is without. */
export interface OptionDefinition<Value> {
  /** Environment variables, the strongest first. */
  readonly variables: readonly string[];
  /** Reads the text of a variable. */
  readonly parse: (text: string, variable: string) => Value;
  /** The value when nothing is set. */
  readonly fallback: Value;
  /** Whether the value must not be shown. */
  readonly isSecret?: boolean;
}

/**
 * Every option, its environment variables and its default.
 *
 * `KV_…` is this project's own spelling; the others are Apify's, in the order of its newest SDK.
 */
export const OPTION_TABLE: { readonly [Option in ConfigurationOption]: OptionDefinition<ConfigurationValues[Option]> } =
  {
    storageDir: {
      variables: ['KV_STORAGE_DIR', 'APIFY_LOCAL_STORAGE_DIR', 'CRAWLEE_STORAGE_DIR'],
      parse: parseText,
      fallback: undefined,
    },
    token: { variables: ['APIFY_TOKEN'], parse: parseText, fallback: undefined, isSecret: true },
    apiBaseUrl: { variables: ['APIFY_API_BASE_URL'], parse: parseText, fallback: 'https://api.apify.com' },
    apiPublicBaseUrl: { variables: ['APIFY_API_PUBLIC_BASE_URL'], parse: parseText, fallback: undefined },
    backend: { variables: ['KV_BACKEND'], parse: parseText, fallback: undefined },
    isAtHome: { variables: ['APIFY_IS_AT_HOME'], parse: parseBoolean, fallback: false },
    defaultKeyValueStoreId: {
      variables: spellings('DEFAULT_KEY_VALUE_STORE_ID'),
      parse: parseKey,
      fallback: 'default',
    },
    inputKey: { variables: spellings('INPUT_KEY'), parse: parseKey, fallback: 'INPUT' },
    purgeOnStart: { variables: spellings('PURGE_ON_START'), parse: parseBoolean, fallback: true },
    persistStorage: { variables: spellings('PERSIST_STORAGE'), parse: parseBoolean, fallback: true },
    persistStateIntervalMillis: {
      variables: [...spellings('PERSIST_STATE_INTERVAL_MILLIS'), 'APIFY_TEST_PERSIST_INTERVAL_MILLIS'],
      parse: parseMillis,
      fallback: 60_000,
    },
  };

function spellings(name: string): readonly string[] {
  return ['KV', 'ACTOR', 'APIFY', 'CRAWLEE'].map((prefix) => `${prefix}_${name}`);
}
