import type { StorageBackend } from '@kv/core';
import type { Configuration } from '../configuration/configuration.js';

/** Options of `Actor.init()`. */
export interface InitOptions {
  /** The backend for all storages, stronger than any configuration. */
  readonly backend?: StorageBackend | undefined;
  /** Whether SIGINT and SIGTERM raise `aborting` and save the state before they end the process. @defaultValue `true` */
  readonly gracefulShutdown?: boolean | undefined;
  /** Time for the program to finish between `aborting` and the saving of state, in milliseconds. @defaultValue `0` */
  readonly gracefulShutdownDelayMillis?: number | undefined;
}

/** Options of `Actor.exit()`. */
export interface ExitOptions {
  /** A last word for people, logged. */
  readonly statusMessage?: string | undefined;
  /** Greatest time that listeners and writes may take, in seconds; the process ends then all the same. @defaultValue `30` */
  readonly timeoutSecs?: number | undefined;
  /** Exit code of the process. @defaultValue `0` */
  readonly exitCode?: number | undefined;
  /** Whether the process ends; `false` is for tests. @defaultValue `true` */
  readonly exit?: boolean | undefined;
}

/** Options of `Actor.main()`. */
export type MainOptions = InitOptions & ExitOptions;

/** Options of `Actor.useState()`. */
export interface UseStateOptions {
  /** Name of the store that holds the state. @defaultValue the default store */
  readonly keyValueStoreName?: string | null | undefined;
  /** The configuration that decides where that store is. @defaultValue the actor's own */
  readonly config?: Configuration | undefined;
}

/** How important a status message is. */
export type StatusMessageLevel = 'DEBUG' | 'INFO' | 'WARNING' | 'ERROR';

/** Options of `Actor.setStatusMessage()`. */
export interface SetStatusMessageOptions {
  /** How important the message is. @defaultValue `INFO` */
  readonly level?: StatusMessageLevel | undefined;
}

/** Exit codes of an actor, as Apify's SDK has them. */
export const EXIT_CODES = {
  /** All went well. */
  success: 0,
  /** `Actor.fail()` was called. */
  failed: 1,
  /** The function given to `Actor.main()` threw. */
  userFunctionThrew: 91,
} as const;
