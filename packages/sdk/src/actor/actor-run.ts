import { storageManagerOf } from '../backend/storage-manager.js';
import type { StorageManager } from '../backend/storage-manager.js';
import type { Configuration } from '../configuration/configuration.js';
import { log } from '../log.js';
import { timerMillis } from '../timer-millis.js';
import { EXIT_CODES } from './actor-options.js';
import type { ExitOptions, InitOptions, MainOptions } from './actor-options.js';

const DEFAULT_TIMEOUT_SECS = 30;

/** The life of an actor from `init` to `exit`. */
export class ActorRun {
  readonly manager: StorageManager;
  #initializing: Promise<void> | undefined;
  #isExiting = false;

  constructor(config: Configuration) {
    this.manager = storageManagerOf(config);
  }

  /** Chooses the backend, purges what the last run left and starts saving state; once, however often it is called. */
  async init(options: InitOptions = {}): Promise<void> {
    this.#initializing ??= this.#init(options).catch((error: unknown) => {
      this.#initializing = undefined;
      throw error;
    });
    return this.#initializing;
  }

  /** Saves state, tells the listeners, waits for writes and ends the process. */
  async exit({
    statusMessage,
    timeoutSecs = DEFAULT_TIMEOUT_SECS,
    exitCode = 0,
    exit = true,
  }: ExitOptions): Promise<void> {
    // A listener of the exit may call for the exit.
    if (this.#isExiting) return;
    this.#isExiting = true;
    const deadline = exit ? setTimeout(() => giveUp(timeoutSecs, exitCode), timerMillis(timeoutSecs)) : undefined;
    try {
      await this.manager.persister.stop();
      await this.manager.events.emit('exit', { exitCode, statusMessage });
      await this.manager.writes.settle();
    } finally {
      clearTimeout(deadline);
      this.#isExiting = false;
    }
    if (statusMessage !== undefined) log(statusMessage);
    if (exit) process.exit(exitCode);
  }

  /** Runs a program from `init` to `exit`; what it throws is logged and becomes the exit code. */
  async main<T>(program: () => T | Promise<T>, options: MainOptions): Promise<T | undefined> {
    if (typeof program !== 'function') {
      const kind = program === null ? 'null' : typeof program;
      throw new TypeError(`First parameter for Actor.main() must be a function (was '${kind}').`);
    }
    try {
      await this.init(options);
      const result = await program();
      await this.exit(options);
      return result;
    } catch (error) {
      if (options.exit !== false) console.error(error);
      await this.exit({ ...options, exitCode: EXIT_CODES.userFunctionThrew });
      throw error;
    }
  }

  async #init(options: InitOptions): Promise<void> {
    if (options.backend) this.manager.useBackend(options.backend);
    await this.manager.purge();
    this.manager.persister.start(options);
  }
}

function giveUp(timeoutSecs: number, exitCode: number): never {
  log(`the exit took more than ${timeoutSecs} seconds; the process ends without waiting any longer.`);
  process.exit(exitCode);
}
