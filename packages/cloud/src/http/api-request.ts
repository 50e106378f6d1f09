import type { KvErrorDetails } from '@kv/core';

/** A request to the storage API. */
export interface ApiRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE';
  readonly url: string;
  /** What it is to do, for errors: `read the record "a" of the key-value store b`. */
  readonly purpose: string;
  /** What errors are about. */
  readonly details: KvErrorDetails;
  /**
   * Whether the request may be sent again when nobody knows what became of it, because doing it twice is doing it once. Where
   * it may not, it is sent again only when the server says that it has done nothing.
   */
  readonly isRepeatable: boolean;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array<ArrayBuffer> | Blob | string | ReadableStream<Uint8Array>;
  readonly signal?: AbortSignal | undefined;
}
