import { KvError } from '@kv/core';
import type { StorageIdentifier } from '../backend/storage-identifier.js';
import { Configuration } from '../configuration/configuration.js';
import type { ConfigurationOptions } from '../configuration/configuration-options.js';
import { KeyValueStore } from '../key-value-store/key-value-store.js';
import type { SetValueOptions } from '../key-value-store/set-value-options.js';
import { log } from '../log.js';
import type { ActorEvent, ActorEventListener } from '../state/event-manager.js';
import { readActorEnv } from './actor-env.js';
import type { ActorEnv } from './actor-env.js';
import { EXIT_CODES } from './actor-options.js';
import type {
  ExitOptions,
  InitOptions,
  MainOptions,
  SetStatusMessageOptions,
  UseStateOptions,
} from './actor-options.js';
import { ActorRun } from './actor-run.js';

/** Options of `openKeyValueStore`. */
export interface ActorOpenOptions {
  /** Opens the store in the cloud, whatever the environment says. @defaultValue `false` */
  readonly forceCloud?: boolean | undefined;
}

/**
 * Runs a program as an actor: it reads `INPUT`, stores records, keeps its state and writes `OUTPUT`.
 *
 * Every method exists on the class, for the one actor of a process, and on instances with a configuration of their own.
 *
 * @example
 * ```ts
 * import { Actor } from '@kv/sdk';
 *
 * await Actor.main(async () => {
 *   const input = (await Actor.getInput<{ name: string }>()) ?? { name: 'world' };
 *   await Actor.setValue('OUTPUT', { greeting: `Hello, ${input.name}!` });
 * });
 * ```
 */
export class Actor {
  static #default: Actor | undefined;

  /** The configuration of this actor; `describe()` lists each value and where it comes from. */
  readonly config: Configuration;

  readonly #run: ActorRun;

  /** @throws `TypeError` when there is no such option. */
  constructor(options: ConfigurationOptions = {}) {
    const isPlain = Object.keys(options).length === 0;
    this.config = isPlain ? Configuration.getGlobalConfig() : new Configuration(options);
    this.#run = new ActorRun(this.config);
  }

  /**
   * Chooses the backend, purges what the last run left in the default and alias storages, all but the input, and starts saving
   * state every minute and on SIGINT and SIGTERM. Calling it again does nothing.
   *
   * @throws `Error` when a backend is passed and another one is in use already.
   * @throws {@link KvError} `KV_BACKEND_NOT_INSTALLED`, `KV_CONFIGURATION_INVALID`, and states of the place such as `KV_ACCESS_DENIED`.
   */
  async init(options: InitOptions = {}): Promise<void> {
    return this.#run.init(options);
  }

  /**
   * Saves state, calls the listeners of `persistState` and `exit`, waits for writes that are under way, and ends the process.
   *
   * After `timeoutSecs` the process ends all the same.
   */
  async exit(messageOrOptions: string | ExitOptions = {}, options: ExitOptions = {}): Promise<void> {
    return this.#run.exit(exitOptions(messageOrOptions, options));
  }

  /** As {@link Actor.exit}, with exit code 1 unless another one is given. */
  async fail(messageOrOptions: string | ExitOptions = {}, options: ExitOptions = {}): Promise<void> {
    return this.#run.exit({ exitCode: EXIT_CODES.failed, ...exitOptions(messageOrOptions, options) });
  }

  /**
   * Runs a program: `init`, the function, `exit`. When it throws, the error is logged and the exit code is 91; with `exit: false`
   * the error is thrown.
   *
   * @throws `TypeError` when the program is not a function.
   */
  async main<T>(program: () => T | Promise<T>, options: MainOptions = {}): Promise<T | undefined> {
    return this.#run.main(program, options);
  }

  /**
   * Reads the input: the record `INPUT` of the default store, or the one that `ACTOR_INPUT_KEY` names; `null` without one.
   *
   * @throws {@link KvError} `KV_RECORD_CORRUPT` when it is not JSON, naming file, line and column.
   */
  async getInput<T = unknown>(): Promise<T | null> {
    return this.getValue<T>(this.config.get('inputKey'));
  }

  /**
   * Reads the input, which must be there.
   *
   * @throws {@link KvError} `KV_INPUT_MISSING` when there is none; `KV_RECORD_CORRUPT` when it is not JSON.
   */
  async getInputOrThrow<T = unknown>(): Promise<T> {
    const input = await this.getInput<T>();
    if (input !== null) return input;
    const key = this.config.get('inputKey');
    throw new KvError(
      'KV_INPUT_MISSING',
      `Input does not exist. Store it in the default key-value store under the key ${key}: in a local directory, that is the file ` +
        `key_value_stores/${this.config.get('defaultKeyValueStoreId')}/${key}.json.`,
      { details: { key } },
    );
  }

  /**
   * Reads a value of the default store; `null`, or the default value, when there is no record. See {@link KeyValueStore.getValue}.
   *
   * @throws {@link KvError} `KV_KEY_INVALID`; `KV_RECORD_CORRUPT`; what {@link KeyValueStore.open} raises.
   */
  async getValue<T = unknown>(key: string): Promise<T | null>;
  /** As above, with a default value in place of `null`. */
  async getValue<T = unknown>(key: string, defaultValue: T): Promise<T>;
  async getValue<T = unknown>(key: string, defaultValue?: T): Promise<T | null> {
    const store = await this.openKeyValueStore();
    return store.getValue<T | null>(key, defaultValue ?? null);
  }

  /**
   * Stores a value in the default store; `null` deletes it. See {@link KeyValueStore.setValue}.
   *
   * @throws `TypeError` and {@link KvError} as {@link KeyValueStore.setValue} and {@link KeyValueStore.open} do.
   */
  async setValue(key: string, value: unknown, options: SetValueOptions = {}): Promise<void> {
    const write = this.openKeyValueStore().then((store) => store.setValue(key, value, options));
    return this.#run.manager.writes.track(write);
  }

  /**
   * Opens a key-value store, the default one unless told otherwise. See {@link KeyValueStore.open}.
   *
   * @throws {@link KvError} as {@link KeyValueStore.open} does.
   */
  async openKeyValueStore(
    identifier?: StorageIdentifier | null,
    { forceCloud }: ActorOpenOptions = {},
  ): Promise<KeyValueStore> {
    return KeyValueStore.open(identifier, { forceCloud, config: this.config });
  }

  /**
   * Gives an object that is saved by itself and found again by the next run that is not purged. See
   * {@link KeyValueStore.getAutoSavedValue}.
   *
   * @throws `TypeError` and {@link KvError} as that method and {@link KeyValueStore.open} do.
   */
  async useState<T extends object>(
    name: string = 'APIFY_GLOBAL_STATE',
    defaultValue: T = {} as T,
    options: UseStateOptions = {},
  ): Promise<T> {
    const store = await KeyValueStore.open(options.keyValueStoreName, { config: options.config ?? this.config });
    return store.getAutoSavedValue<T>(name, defaultValue);
  }

  /** Has a function called on an event; what it returns is awaited. */
  on<Event extends ActorEvent>(event: Event, listener: ActorEventListener<Event>): void {
    this.#run.manager.events.on(event, listener);
  }

  /** Takes a listener back, or all listeners of an event. */
  off<Event extends ActorEvent>(event: Event, listener?: ActorEventListener<Event>): void {
    this.#run.manager.events.off(event, listener);
  }

  /** Reads what the platform tells the actor about its run; `null` for what is not set. */
  getEnv(): ActorEnv {
    return readActorEnv();
  }

  /** Tells whether the actor runs on the platform. `APIFY_IS_AT_HOME=0` means that it does not. */
  isAtHome(): boolean {
    return this.config.get('isAtHome');
  }

  /** Tells people what the actor is doing, on the log. */
  async setStatusMessage(message: string, { level = 'INFO' }: SetStatusMessageOptions = {}): Promise<void> {
    log(`[Status message, ${level}]: ${message}`);
  }

  /** Gives the one actor of this process, which the static methods mean. */
  static getDefaultInstance(): Actor {
    return (Actor.#default ??= new Actor());
  }

  /** The configuration of the one actor of this process. */
  static get config(): Configuration {
    return Actor.getDefaultInstance().config;
  }

  /** See {@link Actor.init}. */
  static async init(options?: InitOptions): Promise<void> {
    return Actor.getDefaultInstance().init(options);
  }

  /** See {@link Actor.exit}. */
  static async exit(messageOrOptions?: string | ExitOptions, options?: ExitOptions): Promise<void> {
    return Actor.getDefaultInstance().exit(messageOrOptions, options);
  }

  /** See {@link Actor.fail}. */
  static async fail(messageOrOptions?: string | ExitOptions, options?: ExitOptions): Promise<void> {
    return Actor.getDefaultInstance().fail(messageOrOptions, options);
  }

  /** See {@link Actor.main}. */
  static async main<T>(program: () => T | Promise<T>, options?: MainOptions): Promise<T | undefined> {
    return Actor.getDefaultInstance().main(program, options);
  }

  /** See {@link Actor.getInput}. */
  static async getInput<T = unknown>(): Promise<T | null> {
    return Actor.getDefaultInstance().getInput<T>();
  }

  /** See {@link Actor.getInputOrThrow}. */
  static async getInputOrThrow<T = unknown>(): Promise<T> {
    return Actor.getDefaultInstance().getInputOrThrow<T>();
  }

  /** See {@link Actor.getValue}. */
  static async getValue<T = unknown>(key: string): Promise<T | null>;
  /** As above, with a default value in place of `null`. */
  static async getValue<T = unknown>(key: string, defaultValue: T): Promise<T>;
  static async getValue<T = unknown>(key: string, defaultValue?: T): Promise<T | null> {
    return Actor.getDefaultInstance().getValue<T | null>(key, defaultValue ?? null);
  }

  /** See {@link Actor.setValue}. */
  static async setValue(key: string, value: unknown, options?: SetValueOptions): Promise<void> {
    return Actor.getDefaultInstance().setValue(key, value, options);
  }

  /** See {@link Actor.openKeyValueStore}. */
  static async openKeyValueStore(
    identifier?: StorageIdentifier | null,
    options?: ActorOpenOptions,
  ): Promise<KeyValueStore> {
    return Actor.getDefaultInstance().openKeyValueStore(identifier, options);
  }

  /** See {@link Actor.useState}. */
  static async useState<T extends object>(name?: string, defaultValue?: T, options?: UseStateOptions): Promise<T> {
    return Actor.getDefaultInstance().useState<T>(name, defaultValue, options);
  }

  /** See {@link Actor.on}. */
  static on<Event extends ActorEvent>(event: Event, listener: ActorEventListener<Event>): void {
    Actor.getDefaultInstance().on(event, listener);
  }

  /** See {@link Actor.off}. */
  static off<Event extends ActorEvent>(event: Event, listener?: ActorEventListener<Event>): void {
    Actor.getDefaultInstance().off(event, listener);
  }

  /** See {@link Actor.getEnv}. */
  static getEnv(): ActorEnv {
    return Actor.getDefaultInstance().getEnv();
  }

  /** See {@link Actor.isAtHome}. */
  static isAtHome(): boolean {
    return Actor.getDefaultInstance().isAtHome();
  }

  /** See {@link Actor.setStatusMessage}. */
  static async setStatusMessage(message: string, options?: SetStatusMessageOptions): Promise<void> {
    return Actor.getDefaultInstance().setStatusMessage(message, options);
  }
}

function exitOptions(messageOrOptions: string | ExitOptions, options: ExitOptions): ExitOptions {
  return typeof messageOrOptions === 'string'
    ? { ...options, statusMessage: messageOrOptions }
    : { ...messageOrOptions, ...options };
}
