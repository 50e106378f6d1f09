import { setTimeout } from 'node:timers/promises';
import type { InitOptions } from '../actor/actor-options.js';
import type { Configuration } from '../configuration/configuration.js';
import { timerMillis } from '../timer-millis.js';
import type { EventManager } from './event-manager.js';
import { addShutdownHook } from './shutdown-hooks.js';

type GracefulShutdown = Pick<InitOptions, 'gracefulShutdown' | 'gracefulShutdownDelayMillis'>;

/**
 * Sees to it that state is saved: on a timer, when a signal ends the process, and when there is nothing left to do.
 *
 * First the listeners of `persistState` are called, who may change the state; then it is saved.
 */
export class StatePersister {
  readonly #config: Configuration;
  readonly #events: EventManager;
  readonly #save: () => Promise<void>;
  #shutdown: GracefulShutdown = {};
  #timer: NodeJS.Timeout | undefined;
  #removeHook: (() => void) | undefined;

  constructor(config: Configuration, events: EventManager, save: () => Promise<void>) {
    this.#config = config;
    this.#events = events;
    this.#save = save;
  }

  /** Starts the timer, which does not keep the process alive, and listens to its end. Started again, it takes the options over. */
  start(shutdown: GracefulShutdown = this.#shutdown): void {
    this.#shutdown = shutdown;
    this.#timer ??= setInterval(() => void this.persist(), this.#config.get('persistStateIntervalMillis')).unref();
    this.#removeHook ??= addShutdownHook({
      onSignal: () => this.#onSignal(),
      onIdle: (isFirst) => (isFirst ? this.persist() : this.#save()),
    });
  }

  /** Saves the state now. */
  async persist(isMigrating = false): Promise<void> {
    await this.#events.emit('persistState', { isMigrating });
    await this.#save();
  }

  /** Stops the timer and saves the state for the last time. A signal meanwhile finds it saved, too. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#timer = undefined;
    await this.persist();
    this.#removeHook?.();
    this.#removeHook = undefined;
  }

  async #onSignal(): Promise<void> {
    const { gracefulShutdown = true, gracefulShutdownDelayMillis = 0 } = this.#shutdown;
    if (!gracefulShutdown) return;
    await this.#events.emit('aborting', undefined);
    await setTimeout(timerMillis(gracefulShutdownDelayMillis / 1000));
    await this.persist();
  }
}
