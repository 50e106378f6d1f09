import { TransportError } from './transport-error.js';
import type { Watchdog } from './watchdog.js';

/** Reads the body of an answer, as a part of the attempt: what fails there is tried again like the rest. */
export type ReadAnswer<Body> = (response: Response, watchdog: Watchdog) => Body | Promise<Body>;

/** What came of one attempt. */
export interface Attempted<Body> {
  readonly response: Response;
  /** What was read of a success. */
  readonly answer?: { readonly body: Body };
}

/**
 * Sends a request once and reads the answer.
 *
 * @throws TransportError when they did not come through, or the other side was silent for too long.
 */
export async function attempt<Body>(
  request: Request,
  watchdog: Watchdog,
  read: ReadAnswer<Body>,
  init: RequestInit = {},
): Promise<Attempted<Body>> {
  try {
    watchdog.start();
    const signal = AbortSignal.any([request.signal, watchdog.signal]);
    const response = await fetch(request, { ...init, signal });
    if (!response.ok) return { response };
    watchdog.start();
    return { response, answer: { body: await read(response, watchdog) } };
  } catch (error) {
    if (request.signal.aborted) throw error;
    throw TransportError.of(watchdog.signal.aborted ? watchdog.signal.reason : error);
  } finally {
    watchdog.stop();
  }
}
