import { isKvError } from '@kv/core';
import ky from 'ky';
import type { RetryOptions } from 'ky';
import type { ApiRequest } from './api-request.js';
import { attempt } from './attempt.js';
import type { Attempted, ReadAnswer } from './attempt.js';
import { readBody } from './read-body.js';
import { readData } from './read-data.js';
import { retryRules } from './retry-rules.js';
import type { RetryPolicy, RetryRules } from './retry-rules.js';
import { toKvError } from './to-kv-error.js';
import type { ApiPlace } from './to-kv-error.js';
import { TransportError } from './transport-error.js';
import { uploadStream } from './upload-stream.js';
import { Watchdog } from './watchdog.js';
import { watchedStream } from './watched-stream.js';

/** Where an {@link ApiClient} sends requests, and with how much patience. */
export interface ApiClientOptions extends ApiPlace, RetryPolicy {
  readonly timeoutMillis: number;
}

/** A success, with its body in memory or still to come. */
export interface ApiAnswer<Body = Uint8Array<ArrayBuffer>> {
  readonly headers: Headers;
  readonly body: Body;
}

/** A browser would answer from its cache; the types of Node do not know that. */
const UNCACHED: object = { cache: 'no-store' };
/** The slowest line that is waited for when a body is sent at once. */
const UPLOAD_BYTES_PER_MILLI = 64;
/** A stream cannot be read twice. */
const NEVER: RetryOptions = { limit: 0 };
/** Without the last two, Node keeps all of a stream that it sends, for a redirect that could not be followed anyway. */
const SEND_ONCE: RequestInit = { duplex: 'half', redirect: 'error', window: null };

/** Sends requests to the storage API, again and again where that helps, and turns failures into errors of kv. */
export class ApiClient {
  readonly #options: ApiClientOptions;
  readonly #rules: RetryRules;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(options: ApiClientOptions) {
    this.#options = options;
    this.#rules = retryRules(options);
    this.#headers = options.token === undefined ? {} : { authorization: `Bearer ${options.token}` };
  }

  /** Sends a request and reads the answer; where there is no such thing, it raises `KV_STORAGE_NOT_FOUND`. */
  async call(request: ApiRequest): Promise<ApiAnswer> {
    return this.#send(request, readBody);
  }

  /** Sends a request and reads the answer; `undefined` where there is no such thing. */
  async find(request: ApiRequest): Promise<ApiAnswer | undefined> {
    return unlessAbsent(() => this.call(request));
  }

  /** Sends a request and reads the `data` of the answer; where there is no such thing, it raises `KV_STORAGE_NOT_FOUND`. */
  async callData<Data>(request: ApiRequest): Promise<Data> {
    return readData(await this.call(request), request, this.#options) as Data;
  }

  /** Sends a request and reads the `data` of the answer; `undefined` where there is no such thing. */
  async findData<Data>(request: ApiRequest): Promise<Data | undefined> {
    return unlessAbsent(() => this.callData<Data>(request));
  }

  /** Sends a request and leaves the body of the answer to the caller; `undefined` where there is no such thing. */
  async findStream(request: ApiRequest): Promise<ApiAnswer<ReadableStream<Uint8Array>> | undefined> {
    return unlessAbsent(async () => {
      return this.#send(request, ({ body }, watchdog) =>
        watchedStream(body, watchdog, (error) => this.#streamError(error, request)),
      );
    });
  }

  async #send<Body>(request: ApiRequest, read: ReadAnswer<Body>): Promise<ApiAnswer<Body>> {
    const { body: source, signal, isRepeatable } = request;
    const { timeoutMillis } = this.#options;
    signal?.throwIfAborted();
    if (!(source instanceof ReadableStream)) {
      const rule = isRepeatable ? this.#rules.repeatable : this.#rules.refused;
      const millis = timeoutMillis + sizeOf(source) / UPLOAD_BYTES_PER_MILLI;
      const init = this.#initOf(request, source);
      return this.#run(request, rule, () => attempt(request, init, new Watchdog(millis), read));
    }
    const watchdog = new Watchdog(timeoutMillis);
    const upload = uploadStream(source, watchdog);
    const init = { ...this.#initOf(request, upload.body), ...SEND_ONCE };
    try {
      return await this.#run(request, NEVER, () => attempt(request, init, watchdog, read));
    } catch (error) {
      signal?.throwIfAborted();
      throw upload.failure()?.error ?? error;
    } finally {
      watchdog.end();
      upload.close();
    }
  }

  #initOf({ method, headers }: ApiRequest, body: RequestInit['body'] = null): RequestInit {
    return { ...UNCACHED, method, headers: { ...this.#headers, ...headers }, body };
  }

  /**
   * Attempts a request until it succeeds, or ky says that it is enough. Ky is asked only when the first attempt has failed: what
   * it prepares for others costs a third of a small read.
   */
  async #run<Body>(
    request: ApiRequest,
    retry: RetryOptions,
    attemptOnce: () => Promise<Attempted<Body>>,
  ): Promise<ApiAnswer<Body>> {
    const first = attemptOnce();
    const attempted = await first.catch(() => undefined);
    if (attempted?.answer) return { headers: attempted.response.headers, body: attempted.answer.body };
    let next: Promise<Attempted<Body>> | undefined = first;
    let answer: { readonly body: Body } | undefined;
    const fetchNext = async (): Promise<Response> => {
      const current = next ?? attemptOnce();
      next = undefined;
      const { response, ...rest } = await current;
      answer = rest.answer;
      return response;
    };
    const { method, url, signal = null } = request;
    try {
      // It is the watchdog that keeps the time.
      const { headers } = await ky(url, { method, signal, retry, timeout: false, fetch: fetchNext });
      return { headers, body: (answer as { readonly body: Body }).body };
    } catch (error) {
      signal?.throwIfAborted();
      throw toKvError(error, request, this.#options);
    }
  }

  #streamError(error: unknown, request: ApiRequest): unknown {
    if (request.signal?.aborted === true) return request.signal.reason;
    return toKvError(TransportError.of(error), request, this.#options);
  }
}

function sizeOf(body: Exclude<ApiRequest['body'], ReadableStream>): number {
  if (body === undefined) return 0;
  if (typeof body === 'string') return body.length;
  return body instanceof Blob ? body.size : body.byteLength;
}

/** Of a record that is not there the API says the same as of a store. */
async function unlessAbsent<T>(operation: () => Promise<T>): Promise<T | undefined> {
  try {
    return await operation();
  } catch (error) {
    if (isKvError(error, 'KV_STORAGE_NOT_FOUND')) return undefined;
    throw error;
  }
}
