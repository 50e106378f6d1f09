import { describe, expect, it } from 'vitest';
import { Actor, Configuration, isKvError } from '../src/index.js';
import { setEnv } from './helpers.js';

describe('Configuration', () => {
  it('lets options win over the environment, and the environment over defaults', () => {
    setEnv({ APIFY_INPUT_KEY: 'FROM_ENV' });
    expect(new Configuration({ inputKey: 'FROM_OPTION' }).get('inputKey')).toBe('FROM_OPTION');
    expect(new Configuration().get('inputKey')).toBe('FROM_ENV');
    setEnv();
    expect(new Configuration().get('inputKey')).toBe('INPUT');
  });

  it.each(['KV', 'ACTOR', 'APIFY', 'CRAWLEE'])('knows the spelling %s_…', (prefix) => {
    setEnv({
      [`${prefix}_DEFAULT_KEY_VALUE_STORE_ID`]: 'abc',
      [`${prefix}_INPUT_KEY`]: 'IN',
      [`${prefix}_PURGE_ON_START`]: '0',
      [`${prefix}_PERSIST_STORAGE`]: 'false',
      [`${prefix}_PERSIST_STATE_INTERVAL_MILLIS`]: '5',
    });
    const config = new Configuration();
    expect(config.get('defaultKeyValueStoreId')).toBe('abc');
    expect(config.get('inputKey')).toBe('IN');
    expect(config.get('purgeOnStart')).toBe(false);
    expect(config.get('persistStorage')).toBe(false);
    expect(config.get('persistStateIntervalMillis')).toBe(5);
  });

  it('prefers its own spelling, and then the newest of Apify', () => {
    setEnv({ KV_INPUT_KEY: 'kv', ACTOR_INPUT_KEY: 'actor', APIFY_INPUT_KEY: 'apify', CRAWLEE_INPUT_KEY: 'crawlee' });
    const config = new Configuration();
    for (const [name, next] of [
      ['KV', 'actor'],
      ['ACTOR', 'apify'],
      ['APIFY', 'crawlee'],
      ['CRAWLEE', 'INPUT'],
    ]) {
      process.env[`${name}_INPUT_KEY`] = '';
      expect(config.get('inputKey')).toBe(next);
    }
  });

  it.each([
    ['0', false],
    ['false', false],
    ['FALSE', false],
    ['', true],
    ['1', true],
    ['true', true],
  ])('reads the switch %j as %s', (text, expected) => {
    setEnv({ APIFY_PURGE_ON_START: text });
    expect(new Configuration().get('purgeOnStart')).toBe(expected);
  });

  it.each([
    ['0', false],
    ['false', false],
    ['', false],
    ['1', true],
  ])('reads APIFY_IS_AT_HOME=%s as %s, everywhere', (text, expected) => {
    setEnv({ APIFY_IS_AT_HOME: text });
    expect(new Configuration().get('isAtHome')).toBe(expected);
    expect(new Actor().isAtHome()).toBe(expected);
    expect(Actor.isAtHome()).toBe(expected);
  });

  it('names the variable that cannot be read', () => {
    setEnv({ APIFY_PERSIST_STATE_INTERVAL_MILLIS: 'often' });
    let error: unknown;
    try {
      new Configuration().get('persistStateIntervalMillis');
    } catch (thrown) {
      error = thrown;
    }
    expect(isKvError(error, 'KV_CONFIGURATION_INVALID')).toBe(true);
    expect((error as Error).message).toContain('APIFY_PERSIST_STATE_INTERVAL_MILLIS is "often"');
  });

  it.each([
    ['ACTOR_INPUT_KEY', 'inputKey'],
    ['APIFY_DEFAULT_KEY_VALUE_STORE_ID', 'defaultKeyValueStoreId'],
  ] as const)('names %s when it holds what is no key', (variable, option) => {
    setEnv({ [variable]: 'a/b' });
    expect(() => new Configuration().get(option)).toThrow(`The environment variable ${variable} is "a/b"`);
  });

  it.each([
    [{ purgeOnStart: '0' }, 'The option "purgeOnStart" must be a boolean, not "0".'],
    [{ storageDir: 5 }, 'The option "storageDir" must be a string, not 5.'],
    [
      { persistStateIntervalMillis: 0 },
      'The option "persistStateIntervalMillis" must be a time in whole milliseconds, not 0.',
    ],
    [{ persistStateIntervalMillis: 1e10 }, 'must be a time in whole milliseconds'],
    [{ toString: 1 }, 'There is no option "toString"'],
  ])('refuses the options %j', (options, message) => {
    expect(() => new Configuration(options as never)).toThrow(message);
  });

  it('refuses an interval that no timer takes', () => {
    setEnv({ KV_PERSIST_STATE_INTERVAL_MILLIS: '9999999999' });
    expect(() => new Configuration().get('persistStateIntervalMillis')).toThrow('KV_PERSIST_STATE_INTERVAL_MILLIS');
  });

  it('refuses an option that does not exist', () => {
    expect(() => new Configuration({ storagedir: 'x' } as never)).toThrow(
      'There is no option "storagedir". There are: storageDir,',
    );
  });

  it('shows every value and where it comes from, but no secret', () => {
    setEnv({ APIFY_TOKEN: 'secret-token', CRAWLEE_STORAGE_DIR: '/data' });
    const entries = new Configuration({ inputKey: 'IN' }).describe();
    expect(entries).toContainEqual({ option: 'token', value: '***', source: 'APIFY_TOKEN' });
    expect(entries).toContainEqual({ option: 'storageDir', value: '/data', source: 'CRAWLEE_STORAGE_DIR' });
    expect(entries).toContainEqual({ option: 'inputKey', value: 'IN', source: 'option' });
    expect(entries).toContainEqual({ option: 'purgeOnStart', value: true, source: 'default' });
    expect(entries).toHaveLength(11);
    expect(JSON.stringify(entries)).not.toContain('secret-token');
    expect(Actor.config).toBe(Configuration.getGlobalConfig());
  });
});

describe('Actor.getEnv', () => {
  it('gives every variable of Apify by its name, as text, number or date, and null for what is not set', () => {
    setEnv({
      ACTOR_ID: 'aid',
      APIFY_ACTOR_RUN_ID: 'rid',
      ACTOR_MEMORY_MBYTES: '512',
      APIFY_DEDICATED_CPUS: '0.5',
      APIFY_STARTED_AT: '2024-01-02T03:04:05.000Z',
      ACTOR_TIMEOUT_AT: 'never',
      ACTOR_WEB_SERVER_PORT: '',
      APIFY_IS_AT_HOME: '1',
      APIFY_ACTOR_ID: 'older',
    });
    const env = Actor.getEnv();
    expect(env).toMatchObject({
      actorId: 'aid',
      actorRunId: 'rid',
      memoryMbytes: 512,
      dedicatedCpus: 0.5,
      startedAt: new Date('2024-01-02T03:04:05Z'),
      timeoutAt: null,
      webServerPort: null,
      isAtHome: '1',
      token: null,
      actorBuildNumber: null,
      inputKey: null,
    });
    expect(Object.keys(env)).toHaveLength(65);
  });
});
