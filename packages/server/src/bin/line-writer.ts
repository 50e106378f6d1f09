const DELAY_MILLIS = 50;

/**
 * Writes values to standard error, each as a line of JSON, those of some milliseconds at once: a write blocks the event loop for
 * longer than a small request takes, and to put one value after the other into words takes a fraction of the time that it takes
 * between other work. A process that is killed loses the last of them.
 */
export class LineWriter {
  #values: object[] = [];

  constructor() {
    process.once('exit', () => this.#flush());
  }

  /** Writes a value, which is not to change any more. */
  write(value: object): void {
    if (this.#values.push(value) === 1) setTimeout(() => this.#flush(), DELAY_MILLIS).unref();
  }

  #flush(): void {
    if (this.#values.length === 0) return;
    process.stderr.write(this.#values.map((value) => `${JSON.stringify(value)}\n`).join(''));
    this.#values = [];
  }
}
