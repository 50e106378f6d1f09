const DELAY_MILLIS = 50;

/**
 * Writes lines to standard error, those of some milliseconds at once: a write blocks the event loop for longer than a small
 * request takes. A process that is killed loses the last of them.
 */
export class LineWriter {
  #lines: string[] = [];

  constructor() {
    process.once('exit', () => this.#flush());
  }

  /** Writes a line. */
  write(line: string): void {
    if (this.#lines.push(line) === 1) setTimeout(() => this.#flush(), DELAY_MILLIS).unref();
  }

  #flush(): void {
    if (this.#lines.length === 0) return;
    process.stderr.write(`${this.#lines.join('\n')}\n`);
    this.#lines = [];
  }
}
