import { setTimeout } from 'node:timers/promises';
import type { Configuration } from '../configuration/configuration.js';
import type { EventManager } from './event-manager.js';
import { addShutdownHook } from './shutdown-hooks.js';

/** How signals are treated; see the options of `Actor.init()`. */
interface GracefulShutdownOptions {
  readonly gracefulShutdown?: boolean;
  readonly gracefulShutdownDelayMillis?: number;
}

/**
 * Sees to it that state is saved: on a timer, when a signal ends the process, and when there is nothing left to do.
 *
 * First the listeners of `persistState` are called, who may change the state; then it is saved.
 */
export class StatePersister {
  readonly #config: Configuration;
  readonly #events: EventManager;
  readonly #save: () => Promise<void>;
  #timer: NodeJS.Timeout | undefined;
  #removeHook: (() => void) | undefined;

  constructor(config: Configuration, events: EventManager, save: () => Promise<void>) {
    this.#config = config;
    this.#events = events;
    this.#save = save;
  }

  /** Starts the timer, which does not keep the process alive, and listens to signals. Does nothing when it runs already. */
  start(options: GracefulShutdownOptions = {}): void {
    if (this.#timer) return;
    this.#timer = setInterval(() => void this.persist(), this.#config.get('persistStateIntervalMillis')).unref();
    const { gracefulShutdown = true, gracefulShutdownDelayMillis = 0 } = options;
    if (gracefulShutdown)
      this.#removeHook = addShutdownHook((signal) => this.#shutDown(signal, gracefulShutdownDelayMillis));
  }

  /** Saves the state now. */
  async persist(isMigrating = false): Promise<void> {
    await this.#events.emit('persistState', { isMigrating });
    await this.#save();
  }

  /** Saves the state for the last time and stops the timer. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#removeHook?.();
    this.#removeHook = undefined;
    await this.persist();
  }

  async #shutDown(signal: string | undefined, delayMillis: number): Promise<void> {
    if (signal !== undefined) {
      await this.#events.emit('aborting', undefined);
      await setTimeout(delayMillis);
    }
    await this.persist();
  }
}
