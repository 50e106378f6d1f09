import type { Watchdog } from './watchdog.js';

/** A stream on its way to the server. */
export interface UploadStream {
  /** What `fetch` is to send. */
  readonly body: ReadableStream<Uint8Array<ArrayBuffer>>;
  /** What the source failed with; `fetch` does not tell that everywhere. */
  readonly failure: () => { readonly error: unknown } | undefined;
  /** Closes a source that was not read to its end. */
  readonly close: () => void;
}

/** Hands a source on, and lets the watchdog wait for the server alone: the source may take its time. */
export function uploadStream(source: ReadableStream<Uint8Array>, watchdog: Watchdog): UploadStream {
  const reader = source.getReader();
  let failure: { readonly error: unknown } | undefined;
  const readNext = async (): Promise<Uint8Array | undefined> => {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return undefined;
      // An empty chunk is the end of a body to some.
      if (value.byteLength > 0) return value;
    }
  };
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      async pull(controller) {
        watchdog.stop();
        try {
          const chunk = await readNext();
          if (chunk) controller.enqueue(chunk as Uint8Array<ArrayBuffer>);
          else controller.close();
        } catch (error) {
          failure = { error };
          throw error;
        } finally {
          watchdog.start();
        }
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
  return { body, failure: () => failure, close: () => void reader.cancel().catch(() => undefined) };
}

/**
 * Tells whether `fetch` sends streams to any server: browsers do so over HTTP/2 alone, or not at all.
 */
export function canSendStreams(): boolean {
  return !('document' in globalThis) && !('importScripts' in globalThis);
}
