/** A stream that goes to another thread, and the error that its source may fail with here. */
export interface WatchedStream {
  readonly stream: ReadableStream<Uint8Array>;
  /** Raises what the source has failed with. */
  readonly assertSound: () => void;
}

/** Makes a stream out of another one that remembers its error: between threads, errors lose what they are. */
export function watchedStream(source: ReadableStream<Uint8Array>): WatchedStream {
  const reader = source.getReader();
  let failure: { readonly error: unknown } | undefined;
  const read = async (): ReturnType<typeof reader.read> => {
    try {
      return await reader.read();
    } catch (error) {
      failure = { error };
      throw new Error(String(error), { cause: error });
    }
  };
  let isCancelled = false;
  const stream = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await read();
        if (isCancelled) return;
        if (done) controller.close();
        else controller.enqueue(value);
      },
      async cancel(reason) {
        isCancelled = true;
        await reader.cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
  const assertSound = (): void => {
    if (failure) throw failure.error;
  };
  return { stream, assertSound };
}
