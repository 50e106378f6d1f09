import { close, read } from 'node:fs';
import { promisify } from 'node:util';

const readAsync = promisify(read);
const closeAsync = promisify(close);
const CHUNK_BYTES = 256 * 1024;

/** Streams an open file from its beginning, one chunk in memory at a time; closes it at the end, on failure and on cancel. */
export function streamFile(fd: number): ReadableStream<Uint8Array> {
  let reading: Promise<unknown> = Promise.resolve();
  let closing: Promise<void> | undefined;
  // A number that is closed twice may be another file's by then.
  const release = (): Promise<void> => (closing ??= closeAsync(fd));

  async function readChunk(): Promise<Uint8Array | undefined> {
    const { bytesRead, buffer } = await readAsync(fd, new Uint8Array(CHUNK_BYTES), 0, CHUNK_BYTES, null);
    return bytesRead === 0 ? undefined : buffer.subarray(0, bytesRead);
  }

  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const chunk = await (reading = readChunk()).catch(async (error: unknown) => {
          await release();
          throw error;
        }) as Uint8Array | undefined;
        if (chunk) return controller.enqueue(chunk);
        await release();
        controller.close();
      },
      async cancel() {
        await reading.catch(() => undefined);
        await release();
      },
    },
    { highWaterMark: 0 },
  );
}
