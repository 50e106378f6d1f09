import type { ServerData } from '../data/server-data.js';

const DAY_MILLIS = 24 * 60 * 60 * 1000;

/**
 * Knows when stores were used last, and which are being used now.
 *
 * Reading changes nothing in a backend, so that the server writes it down itself: once a day for each store that is used.
 */
export class StoreUse {
  readonly #data: ServerData;
  readonly #inUse = new Map<string, number>();
  readonly #closed = new Set<string>();
  readonly #noted = new Map<string, number>();

  constructor(data: ServerData) {
    this.#data = data;
  }

  /** Begins a use; gives what ends it, or `undefined` when the store is being dropped. */
  async begin(id: string): Promise<(() => void) | undefined> {
    if (this.#closed.has(id)) return undefined;
    this.#inUse.set(id, (this.#inUse.get(id) ?? 0) + 1);
    const end = (): void => this.#end(id);
    try {
      await this.#note(id);
    } catch (error) {
      end();
      throw error;
    }
    return end;
  }

  /** Gives the time of the last use that was written down, in ms since 1970; 0 when there is none. */
  async lastUse(id: string): Promise<number> {
    const noted = await this.#data.get<{ readonly at: number }>(noteKey(id));
    // What is written down may be a day behind.
    return Math.max((noted?.at ?? -DAY_MILLIS) + DAY_MILLIS, this.#noted.get(id) ?? 0);
  }

  /** Lets nobody begin to use a store any more; tells whether that was possible, because nobody was using it. */
  close(id: string): boolean {
    if (this.#inUse.has(id)) return false;
    this.#closed.add(id);
    return true;
  }

  /** Forgets a store that is gone, or that was closed and could not be dropped. */
  async forget(id: string): Promise<void> {
    this.#noted.delete(id);
    await this.#data.delete(noteKey(id));
    this.#closed.delete(id);
  }

  #end(id: string): void {
    const count = (this.#inUse.get(id) ?? 1) - 1;
    if (count > 0) this.#inUse.set(id, count);
    else this.#inUse.delete(id);
  }

  async #note(id: string): Promise<void> {
    const at = Date.now();
    if (at - (this.#noted.get(id) ?? 0) < DAY_MILLIS) return;
    this.#noted.set(id, at);
    await this.#data.set(noteKey(id), { at });
  }
}

function noteKey(id: string): string {
  return `use.${id}`;
}
