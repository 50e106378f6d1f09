import type { WriteNumber } from '../http/write-number.js';
import { ClientWrites } from './client-writes.js';

const MAX_CLIENTS = 1000;

/**
 * Keeps the attempts of one client's writes in order: one that arrives late neither is done again nor undoes a newer write.
 *
 * All of it is in memory. Other processes on the same data do not know of it, nor does this one after a restart.
 */
export class WriteOrder {
  /** The one that was used last comes last. */
  readonly #clients = new Map<string, ClientWrites>();
  readonly #turns = new Map<string, Promise<void>>();

  /** Gives what is remembered of the client of a write. */
  clientOf({ client, oldest }: WriteNumber): ClientWrites {
    const writes = this.#clients.get(client) ?? new ClientWrites();
    this.#clients.delete(client);
    this.#clients.set(client, writes);
    if (this.#clients.size > MAX_CLIENTS) this.#clients.delete([...this.#clients.keys()][0] ?? '');
    writes.forgetBefore(oldest);
    return writes;
  }

  /** Waits until nobody else of the same name has the turn, and gives what ends it. */
  async takeTurn(name: string): Promise<() => void> {
    const before = this.#turns.get(name);
    const { promise: turn, resolve } = Promise.withResolvers<void>();
    this.#turns.set(name, turn);
    await before;
    return () => {
      if (this.#turns.get(name) === turn) this.#turns.delete(name);
      resolve();
    };
  }
}
