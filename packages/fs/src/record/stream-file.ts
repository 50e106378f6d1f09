import { closeAsync, readAsync } from '../io/file-calls.js';

// Measured: larger chunks are no faster, and their garbage takes more memory.
const CHUNK_BYTES = 64 * 1024;

/**
 * Streams an open file from its beginning, one chunk in memory at a time; closes it at the end, on failure and on cancel.
 *
 * It gives the bytes that were there when it was opened: what another program appends to the file is not part of the record,
 * and a file that gets shorter is an error, because whoever sends it has told its size already.
 */
export function streamFile(fd: number, size: number): ReadableStream<Uint8Array> {
  let left = size;
  let reading: Promise<unknown> = Promise.resolve();
  let closing: Promise<void> | undefined;
  // A number that is closed twice may be another file's by then.
  const release = (): Promise<void> => (closing ??= closeAsync(fd));

  async function readChunk(): Promise<Uint8Array> {
    const length = Math.min(CHUNK_BYTES, left);
    if (length === 0) return new Uint8Array();
    const { bytesRead, buffer } = await readAsync(fd, Buffer.allocUnsafeSlow(length), 0, length, null);
    if (bytesRead === 0)
      throw new Error(`The file of a record became ${left} bytes shorter while it was read. Read it again.`);
    left -= bytesRead;
    return buffer.subarray(0, bytesRead);
  }

  async function pull(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    try {
      const chunk = readChunk();
      reading = chunk;
      const bytes = await chunk;
      if (bytes.length > 0) return controller.enqueue(bytes);
    } catch (error) {
      await release();
      throw error;
    }
    await release();
    controller.close();
  }

  async function cancel(): Promise<void> {
    await reading.catch(() => undefined);
    await release();
  }

  return new ReadableStream<Uint8Array>({ pull, cancel }, { highWaterMark: 0 });
}
