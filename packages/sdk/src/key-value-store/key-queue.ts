import { AsyncLocalStorage } from 'node:async_hooks';

/** A write that has its turn, and the one inside of which it was asked for. */
interface Turn {
  readonly key: string;
  readonly outer: Turn | undefined;
  isOver: boolean;
}

/** Lets the writes of one key happen in the order in which they were asked for, each after the one before. */
export class KeyQueue {
  readonly #last = new Map<string, Promise<unknown>>();
  readonly #turns = new AsyncLocalStorage<Turn>();

  /** Runs a write after all earlier ones of the key have settled. One that is asked for by a write of its own key fails. */
  async run<T>(key: string, write: () => Promise<T>): Promise<T> {
    const outer = this.#turns.getStore();
    assertNotInside(key, outer);
    const turn: Turn = { key, outer, isOver: false };
    const start = (): Promise<T> => this.#turns.run(turn, write);
    const previous = this.#last.get(key);
    const result = previous ? previous.then(start) : start();
    const settled = result.then(
      () => undefined,
      () => undefined,
    );
    this.#last.set(key, settled);
    try {
      return await result;
    } finally {
      turn.isOver = true;
      if (this.#last.get(key) === settled) this.#last.delete(key);
    }
  }

  /** Waits until nothing is left to run. */
  async settle(): Promise<void> {
    while (this.#last.size > 0) await Promise.all(this.#last.values());
  }
}

/** A write that waits for its own end would wait for ever. */
function assertNotInside(key: string, turn: Turn | undefined): void {
  for (let outer = turn; outer; outer = outer.outer) {
    if (outer.key !== key || outer.isOver) continue;
    throw new Error(
      `The record ${JSON.stringify(key)} is being updated by the very function that asks for it, and would wait for itself. ` +
        'Let the function of update() return the new value instead.',
    );
  }
}
