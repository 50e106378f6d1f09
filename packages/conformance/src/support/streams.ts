/** Makes a stream of chunks that are made when they are asked for; an error among them fails it there. */
export function streamOf(chunks: Iterable<Uint8Array | Error>): ReadableStream<Uint8Array> {
  const iterator = chunks[Symbol.iterator]();
  return new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const { value, done } = iterator.next();
        if (done === true) controller.close();
        else if (value instanceof Error) controller.error(value);
        else controller.enqueue(value);
      },
    },
    { highWaterMark: 0 },
  );
}

/** Makes a stream that gives one chunk and then nothing more, neither an end nor an error. */
export function endlessStream(first: Uint8Array, onSecondPull: () => void): ReadableStream<Uint8Array> {
  let pulls = 0;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        pulls += 1;
        if (pulls === 1) return controller.enqueue(first);
        onSecondPull();
        await new Promise<never>(() => {});
      },
    },
    { highWaterMark: 0 },
  );
}

/** Reads a stream to its end. */
export async function readAll(stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return new Uint8Array(Buffer.concat(chunks));
}
