import { kindOf } from '../errors/quote.js';

/** Tells whether a value is a stream of some kind: web stream, Node stream, or another async iterable. */
export function isStream(value: unknown): value is AsyncIterable<unknown> | ReadableStream<unknown> {
  if (typeof value !== 'object' || value === null) return false;
  return value instanceof ReadableStream || Symbol.asyncIterator in value;
}

/**
 * Makes a stream of bytes from a web stream, a Node stream or an async iterable, reading only as fast as it is read.
 *
 * The source is closed when the stream is cancelled. A chunk that is not bytes fails the stream with a `TypeError`.
 */
export function toByteStream(source: AsyncIterable<unknown> | ReadableStream<unknown>): ReadableStream<Uint8Array> {
  const iterator = iterate(source);
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await iterator.next();
      if (done === true) controller.close();
      else controller.enqueue(toBytes(value));
    },
    async cancel(reason) {
      await (iterator.return === undefined ? undefined : iterator.return(reason));
    },
  });
}

function iterate(source: AsyncIterable<unknown> | ReadableStream<unknown>): AsyncIterator<unknown> {
  if (Symbol.asyncIterator in source) return source[Symbol.asyncIterator]();
  // Some browsers' web streams are not async iterable yet.
  const reader = (source as ReadableStream<unknown>).getReader();
  return {
    next: async () => (await reader.read()) as IteratorResult<unknown>,
    return: async (reason) => {
      await reader.cancel(reason);
      return { done: true, value: undefined };
    },
  };
}

function toBytes(chunk: unknown): Uint8Array {
  const bytes = viewBytes(chunk);
  if (bytes) return bytes;
  const hint = typeof chunk === 'string' ? ' Encode text with TextEncoderStream.' : '';
  throw new TypeError(`A stream of a record must yield bytes, but it yielded a ${kindOf(chunk)}.${hint}`);
}

/** Views any kind of binary value as bytes, without copying; `undefined` when it is not binary. */
export function viewBytes(value: unknown): Uint8Array | undefined {
  if (value instanceof Uint8Array) return value;
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  const isSharedBuffer = typeof SharedArrayBuffer !== 'undefined' && value instanceof SharedArrayBuffer;
  return value instanceof ArrayBuffer || isSharedBuffer ? new Uint8Array(value) : undefined;
}
