/** Reads a stream to its end. When the signal fires, the source is cancelled and the promise rejects with the reason. */
export async function collectBytes(
  stream: ReadableStream<Uint8Array>,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  const sink = new WritableStream<Uint8Array>({ write: (chunk) => void chunks.push(chunk.slice()) });
  await stream.pipeTo(sink, signal ? { signal } : {});
  return new Uint8Array(await new Blob(chunks).arrayBuffer());
}
