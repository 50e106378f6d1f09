import assert from 'node:assert/strict';
import type { RecordBody } from '@kv/core';

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

/** A stream, and what becomes of it. */
export interface WatchedStream {
  readonly stream: ReadableStream<Uint8Array>;
  /** Settles when the stream was cancelled or read to its end, so that its source may let go of what it holds. */
  readonly released: Promise<void>;
}

/** Makes a stream that tells when nobody needs its source any more. */
export function watchedStream(chunks: readonly Uint8Array[]): WatchedStream {
  const { promise: released, resolve } = Promise.withResolvers<void>();
  const left = chunks.values();
  const stream = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const { value, done } = left.next();
        if (done !== true) return controller.enqueue(value);
        controller.close();
        resolve();
      },
      cancel: () => resolve(),
    },
    { highWaterMark: 0 },
  );
  return { stream, released };
}

const PATIENCE_MS = 3000;

/** Asserts that somebody has cancelled a watched stream, or read it to its end. */
export async function assertReleased({ released }: WatchedStream): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), PATIENCE_MS);
  });
  const isReleased = await Promise.race([released.then(() => true), patience]);
  clearTimeout(timer);
  assert.ok(isReleased, 'a stream that is not used is cancelled');
}

/** Reads a stream to its end. */
export async function readAll(stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return new Uint8Array(Buffer.concat(chunks));
}

/** Reads a body to its end, whatever it is. */
export async function readBody(body: RecordBody): Promise<Uint8Array> {
  return body instanceof Uint8Array ? body : readAll(body);
}
