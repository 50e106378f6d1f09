/** Options of `KeyValueStore.setValue()`. */
export interface SetValueOptions {
  /** Content type of the record, to the letter; by default it follows from the value. */
  readonly contentType?: string | undefined;
  /** Time after which the write is given up, in seconds; at most some 25 days. @defaultValue no limit */
  readonly timeoutSecs?: number | undefined;
}
