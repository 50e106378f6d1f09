import { ApiError } from './api-error.js';

/**
 * Waits for the body of a request, but not for ever; the connection of a client that is too slow is closed.
 *
 * @throws ApiError 408.
 */
export async function withinTime<T>(millis: number, reading: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_resolve, reject) => {
    const message = `The body of the request did not end within ${millis / 1000} seconds.`;
    const error = new ApiError(408, 'operation-timed-out', message, { headers: { Connection: 'close' } });
    timer = setTimeout(() => reject(error), millis);
  });
  // Nobody waits for it any more when the time is over.
  reading.catch(() => undefined);
  try {
    return await Promise.race([reading, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
