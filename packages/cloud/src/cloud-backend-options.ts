import type { BackendOptions } from '@kv/core';

/** Options of {@link createBackend}. */
export interface CloudBackendOptions extends BackendOptions {
  /**
   * Time in milliseconds after which a silent server counts as lost: one that neither takes the next bytes of a request nor
   * sends the next ones of an answer. Bytes that are sent at once get a second more for every 64 KiB.
   *
   * @defaultValue 30000
   */
  readonly timeoutMillis?: number | undefined;
  /**
   * How often a failed request is repeated, where doing it twice is doing it once.
   *
   * @defaultValue 8
   */
  readonly maxRetries?: number | undefined;
  /**
   * Least time in milliseconds before the first repetition. It doubles with each, and a random part of up to as much comes on
   * top; a minute is the most.
   *
   * @defaultValue 500
   */
  readonly retryDelayMillis?: number | undefined;
}
