/** Bodies up to this size are read and sent as bytes, which costs less than a stream. */
export const SMALL_BODY_BYTES: number = 64 * 1024;

/** Reads a stream of a known size to its end. */
export async function readAll(stream: ReadableStream<Uint8Array>, size: number): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(size);
  let length = 0;
  // An iterator over the stream would cost more than all the rest.
  const reader = stream.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return bytes;
    bytes.set(value, length);
    length += value.byteLength;
  }
}
