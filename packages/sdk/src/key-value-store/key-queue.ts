/** Lets the writes of one key happen in the order in which they were asked for, each after the one before. */
export class KeyQueue {
  readonly #last = new Map<string, Promise<unknown>>();

  /** Runs a write after all earlier ones of the key have settled. */
  async run<T>(key: string, write: () => Promise<T>): Promise<T> {
    const previous = this.#last.get(key);
    const result = previous ? previous.then(write) : write();
    const settled = result.then(
      () => undefined,
      () => undefined,
    );
    this.#last.set(key, settled);
    try {
      return await result;
    } finally {
      if (this.#last.get(key) === settled) this.#last.delete(key);
    }
  }

  /** Waits until nothing is left to run. */
  async settle(): Promise<void> {
    while (this.#last.size > 0) await Promise.all(this.#last.values());
  }
}
