import type { ApiContext } from './api-context.js';

/**
 * Gives the stream of an answer that tells the server when the source fails, and cuts the answer then. The adapter would write
 * to the console instead.
 */
export function guardStream(c: ApiContext, source: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
  const reader = source.getReader();
  let isCanceled = false;
  const fail = (controller: ReadableStreamDefaultController, error: unknown): void => {
    if (isCanceled) return;
    c.get('server').onError(error);
    const { outgoing } = c.env;
    // The adapter cancels the stream when the answer is gone.
    if (outgoing) outgoing.destroy();
    else controller.error(error);
  };
  return new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        try {
          const { done, value } = await reader.read();
          if (isCanceled) return;
          if (done) controller.close();
          else controller.enqueue(value);
        } catch (error) {
          fail(controller, error);
        }
      },
      cancel: async (reason) => {
        isCanceled = true;
        await reader.cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
}
