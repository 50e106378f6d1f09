import type { ConfigurationOption, ConfigurationOptions, ConfigurationValues } from './configuration-options.js';
import { OPTION_TABLE } from './option-table.js';
import { isInterval } from './parse-variable.js';
import type { OptionDefinition } from './option-table.js';

/** A value in force, and where it comes from. */
export interface ConfigurationEntry {
  /** The option. */
  readonly option: ConfigurationOption;
  /** Its value; secrets are replaced by `***`. */
  readonly value: string | number | boolean | undefined;
  /** `option`, the name of an environment variable, or `default`. */
  readonly source: string;
}

interface Resolved<Value> {
  readonly value: Value;
  readonly source: string;
}

/**
 * Knows the configuration of an actor: options win over the environment, the environment over defaults.
 *
 * The environment is read at each call, so that it may change until an option is first needed. An empty variable is an unset
 * one.
 *
 * @example
 * ```ts
 * import { Configuration } from '@kv/sdk';
 *
 * const config = new Configuration({ storageDir: './data' });
 * console.log(config.get('storageDir')); // ./data
 * console.table(config.describe());
 * ```
 */
export class Configuration {
  static #global: Configuration | undefined;

  readonly #options: ConfigurationOptions;

  /** @throws `TypeError` when there is no such option, or its value has the wrong type. */
  constructor(options: ConfigurationOptions = {}) {
    for (const [option, value] of Object.entries(options)) assertOption(option, value);
    this.#options = { ...options };
  }

  /** Gives the configuration that is used where none is passed: the environment and the defaults. */
  static getGlobalConfig(): Configuration {
    return (Configuration.#global ??= new Configuration());
  }

  /**
   * Gives the value of an option that is in force.
   *
   * @throws {@link KvError} `KV_CONFIGURATION_INVALID` when it comes from an environment variable that cannot be read.
   */
  get<Option extends ConfigurationOption>(option: Option): ConfigurationValues[Option] {
    return this.#resolve(option).value;
  }

  /**
   * Tells where the value of an option comes from: `option`, the name of an environment variable, or `default`.
   *
   * @throws {@link KvError} `KV_CONFIGURATION_INVALID` as {@link Configuration.get} does.
   */
  sourceOf(option: ConfigurationOption): string {
    return this.#resolve(option).source;
  }

  /**
   * Lists every option with its value and where it comes from, without secrets: for logs and for finding mistakes.
   *
   * @throws {@link KvError} `KV_CONFIGURATION_INVALID` as {@link Configuration.get} does.
   */
  describe(): readonly ConfigurationEntry[] {
    return (Object.keys(OPTION_TABLE) as ConfigurationOption[]).map((option) => {
      const { value, source } = this.#resolve(option);
      const isHidden = OPTION_TABLE[option].isSecret === true && value !== undefined;
      return { option, value: isHidden ? '***' : value, source };
    });
  }

  #resolve<Option extends ConfigurationOption>(option: Option): Resolved<ConfigurationValues[Option]> {
    const definition: OptionDefinition<ConfigurationValues[Option]> = OPTION_TABLE[option];
    const given = this.#options[option];
    if (given !== undefined) return { value: given as ConfigurationValues[Option], source: 'option' };
    for (const variable of definition.variables) {
      const text = process.env[variable];
      if (text !== undefined && text !== '') return { value: definition.parse(text, variable), source: variable };
    }
    return { value: definition.fallback, source: 'default' };
  }
}

function assertOption(option: string, value: unknown): void {
  if (!Object.hasOwn(OPTION_TABLE, option)) {
    throw new TypeError(`There is no option "${option}". There are: ${Object.keys(OPTION_TABLE).join(', ')}.`);
  }
  if (value === undefined) return;
  const expected = typeOf(option as ConfigurationOption);
  const isRight = expected === 'number' ? typeof value === 'number' && isInterval(value) : typeof value === expected;
  if (isRight) return;
  const rule = expected === 'number' ? 'a time in whole milliseconds' : `a ${expected}`;
  throw new TypeError(`The option "${option}" must be ${rule}, not ${JSON.stringify(value)}.`);
}

function typeOf(option: ConfigurationOption): string {
  const { fallback } = OPTION_TABLE[option];
  return fallback === undefined ? 'string' : typeof fallback;
}
