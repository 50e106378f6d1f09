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
 *
 * @throws `TypeError` when something was read from the source before.
 */
export function toByteStream(source: AsyncIterable<unknown> | ReadableStream<unknown>): ReadableStream<Uint8Array> {
  assertUnread(source);
  const { next, cancel } = source instanceof ReadableStream ? readStream(source) : readIterable(source);
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await next();
        if (done === true) return controller.close();
        try {
          controller.enqueue(toBytes(value));
        } catch (error) {
          await cancel(error);
          throw error;
        }
      },
      cancel,
    },
    { highWaterMark: 0 },
  );
}

/** What is left of a stream that was read before would replace a record by less than was meant. */
function assertUnread(source: AsyncIterable<unknown> | ReadableStream<unknown>): void {
  if (!wasRead(source)) return;
  throw new TypeError(
    'The stream was read before, so that its beginning is lost. Pass a stream that nobody has read from.',
  );
}

function wasRead(source: (AsyncIterable<unknown> | ReadableStream<unknown>) & NodeStreamState): boolean {
  if (!(source instanceof ReadableStream)) return source.readableDidRead === true || source.destroyed === true;
  try {
    // Only a body that nobody has read from can become that of a response; there is no other way to ask.
    return new Response(source as ReadableStream<Uint8Array>).bodyUsed;
  } catch {
    return true;
  }
}

interface NodeStreamState {
  readonly readableDidRead?: unknown;
  readonly destroyed?: unknown;
}

interface Source {
  readonly next: () => Promise<{ readonly done?: boolean; readonly value?: unknown }>;
  readonly cancel: (reason: unknown) => void | Promise<void>;
}

function readStream(stream: ReadableStream<unknown>): Source {
  const reader = stream.getReader();
  return { next: () => reader.read(), cancel: (reason) => reader.cancel(reason) };
}

function readIterable(iterable: AsyncIterable<unknown> & { destroy?: unknown }): Source {
  const iterator = iterable[Symbol.asyncIterator]();
  function cancel(reason: unknown): void {
    // A Node stream that waits for data is only freed by this.
    if (typeof iterable.destroy === 'function') iterable.destroy();
    // Not awaited: an iterator that waits for data answers only when that comes.
    iterator.return?.(reason).catch(() => undefined);
  }
  return { next: () => iterator.next(), cancel };
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
