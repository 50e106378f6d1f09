/** Options of an {@link ApiError}. */
export interface ApiErrorOptions {
  readonly cause?: unknown;
  /** Headers of the response, such as `Allow`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** What goes into `error.data`. */
  readonly data?: unknown;
}

/** An answer of the API that is an error: status, `error.type` and `error.message`. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  readonly type: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly data: unknown;

  constructor(status: number, type: string, message: string, options: ApiErrorOptions = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.status = status;
    this.type = type;
    this.headers = options.headers ?? {};
    this.data = options.data;
  }
}
