/** Writes lines to standard error: those of one turn of the event loop at once, because each write blocks it. */
export class LineWriter {
  #lines: string[] = [];

  constructor() {
    process.once('exit', () => this.#flush());
  }

  /** Writes a line. */
  write(line: string): void {
    if (this.#lines.push(line) === 1) setImmediate(() => this.#flush());
  }

  #flush(): void {
    if (this.#lines.length === 0) return;
    process.stderr.write(`${this.#lines.join('\n')}\n`);
    this.#lines = [];
  }
}
