import { SMALL_VALUE_BYTES } from './key-value-store-backend.js';
import type { KeyValueStoreRecordBody, KeyValueStoreRecordStream } from './key-value-store-backend.js';

/**
 * Makes of an opened record what {@link KeyValueStoreBackend.getRecordBody} gives: a small one is read to its end. For backends
 * that get every value as a stream.
 */
export async function toRecordBody({ stream, ...info }: KeyValueStoreRecordStream): Promise<KeyValueStoreRecordBody> {
  return { ...info, value: info.size > SMALL_VALUE_BYTES ? stream : await readAll(stream, info.size) };
}

async function readAll(stream: ReadableStream<Uint8Array>, size: number): Promise<Uint8Array> {
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
