import { TransportError } from './transport-error.js';

/** Ends a request when the other side gives no sign of life for too long. */
export class Watchdog {
  readonly #controller = new AbortController();
  readonly #millis: number;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isOver = false;

  constructor(millis: number) {
    this.#millis = millis;
  }

  /** Fires when the time is over. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Waits for a sign of life from now on. */
  start(): void {
    this.stop();
    if (!this.#isOver) this.#timer = setTimeout(() => this.#controller.abort(this.#silence()), this.#millis);
  }

  /** Waits for nothing: the other side is not the one to move. */
  stop(): void {
    clearTimeout(this.#timer);
  }

  /** Stops for good. */
  end(): void {
    this.stop();
    this.#isOver = true;
  }

  #silence(): TransportError {
    return new TransportError(`nothing came for ${this.#millis / 1000} seconds`);
  }
}
