import { ApiError } from './api-error.js';

/** Counts requests by the second. */
export class RateLimiter {
  #second = 0;
  #counts = new Map<string, number>();

  /**
   * Counts a request to something, and refuses it when there were too many in this second.
   *
   * @throws ApiError 429.
   */
  count(what: string, limit: number): void {
    const second = Math.floor(Date.now() / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#counts = new Map();
    }
    const count = (this.#counts.get(what) ?? 0) + 1;
    this.#counts.set(what, count);
    if (count <= limit) return;
    throw new ApiError(429, 'rate-limit-exceeded', `You have exceeded the rate limit of ${limit} requests per second`, {
      headers: { 'Retry-After': '1' },
    });
  }
}
