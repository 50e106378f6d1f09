/** Reports that a request or its answer did not come through. */
export class TransportError extends Error {
  override readonly name = 'TransportError';

  /** Makes one of whatever `fetch` or a body rejects with; every runtime has words of its own. */
  static of(error: unknown): TransportError {
    if (error instanceof TransportError) return error;
    return new TransportError(describe(error), { cause: error });
  }
}

/** `fetch` of Node says what has happened in the cause alone. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { message, cause } = error;
  return cause instanceof Error && cause.message !== '' ? `${message}, ${cause.message}` : message;
}
