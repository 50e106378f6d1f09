import type { Watchdog } from './watchdog.js';

/** Hands the body of an answer on, while the watchdog waits for the server alone: the reader may take its time. */
export function watchedStream(
  body: ReadableStream<Uint8Array> | null,
  watchdog: Watchdog,
  toError: (error: unknown) => unknown,
): ReadableStream<Uint8Array> {
  if (!body) return new Blob([]).stream();
  const reader = body.getReader();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        watchdog.start();
        try {
          const { done, value } = await reader.read();
          if (done) controller.close();
          else controller.enqueue(value);
        } catch (error) {
          throw toError(watchdog.signal.aborted ? watchdog.signal.reason : error);
        } finally {
          watchdog.stop();
        }
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}
