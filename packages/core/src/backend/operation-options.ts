/** Options that every operation of a backend takes. */
export interface OperationOptions {
  /**
   * Stops the operation: it rejects with the signal's reason. A write that is stopped has either not happened or
   * happened in full.
   */
  readonly signal?: AbortSignal | undefined;
}
