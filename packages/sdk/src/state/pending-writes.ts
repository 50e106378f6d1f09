/** Knows the writes that are under way, so that an exit can wait for them. */
export class PendingWrites {
  readonly #pending = new Set<Promise<unknown>>();

  /** Remembers a write until it has settled. */
  async track<T>(write: Promise<T>): Promise<T> {
    this.#pending.add(write);
    try {
      return await write;
    } finally {
      this.#pending.delete(write);
    }
  }

  /** Waits for all writes that are under way, whatever becomes of them. */
  async settle(): Promise<void> {
    while (this.#pending.size > 0) await Promise.allSettled(this.#pending);
  }
}
