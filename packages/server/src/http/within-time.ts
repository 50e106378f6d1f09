import { ApiError } from './api-error.js';

/**
 * Waits for the body of a request, but not for ever; the connection of a client that is too slow is closed.
 *
 * @throws ApiError 408.
 */
export async function withinTime<T>(millis: number, reading: Promise<T>): Promise<T> {
  const { promise: timeout, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    const message = `The body of the request did not end within ${millis / 1000} seconds.`;
    reject(new ApiError(408, 'operation-timed-out', message, { headers: { Connection: 'close' } }));
  }, millis);
  // Nobody waits for it any more when the time is over.
  reading.catch(() => undefined);
  try {
    return await Promise.race([reading, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
