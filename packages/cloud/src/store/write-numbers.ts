import type { ApiRequest } from '../http/api-request.js';

/**
 * Gives each write of a record a number that all its attempts have, so that a server knows one that comes late: it is
 * neither done again, nor in place of a newer write.
 */
export class WriteNumbers {
  readonly #client = randomId();
  /** Those whose caller still waits, in ascending order. */
  readonly #open = new Set<number>();
  #last = 0;

  /** Sends a write with the next number. */
  async send<T>(request: ApiRequest, send: (numbered: ApiRequest) => Promise<T>): Promise<T> {
    this.#last += 1;
    const number = this.#last;
    this.#open.add(number);
    const [oldest] = this.#open;
    const headers = { ...request.headers, 'x-kv-write': `${this.#client}:${number}:${oldest}` };
    try {
      return await send({ ...request, headers });
    } finally {
      this.#open.delete(number);
    }
  }
}

/** Unlike `randomUUID`, this is there on pages without TLS, too. */
function randomId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
