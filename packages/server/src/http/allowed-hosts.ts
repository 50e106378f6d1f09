import { isLoopback } from './is-loopback.js';

const MAX_SEEN = 100;

/** The hosts that a server on a loopback address goes by: those of this machine, and some by name. */
export class AllowedHosts {
  readonly #names: readonly string[];
  // To take a host apart takes longer than all the other looks at a request, and most requests come with the same.
  readonly #seen = new Set<string>();

  constructor(names: readonly string[]) {
    this.#names = names;
  }

  /** Tells whether a host, as the header `Host` has it, is one of them. */
  has(host: string): boolean {
    if (this.#seen.has(host)) return true;
    const name = host.replace(/:\d+$/, '').toLowerCase();
    if (!isLoopback(name) && !this.#names.includes(name)) return false;
    if (this.#seen.size >= MAX_SEEN) this.#seen.clear();
    this.#seen.add(host);
    return true;
  }
}
