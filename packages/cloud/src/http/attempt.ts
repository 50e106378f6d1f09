import type { ApiRequest } from './api-request.js';
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
  { url, signal }: ApiRequest,
  init: RequestInit,
  watchdog: Watchdog,
  read: ReadAnswer<Body>,
): Promise<Attempted<Body>> {
  const silence = watchdog.signal;
  try {
    watchdog.start();
    const response = await fetch(url, { ...init, signal: signal ? AbortSignal.any([signal, silence]) : silence });
    if (!response.ok) return { response };
    watchdog.start();
    return { response, answer: { body: await read(response, watchdog) } };
  } catch (error) {
    if (signal?.aborted === true) throw error;
    throw TransportError.of(silence.aborted ? silence.reason : error);
  } finally {
    watchdog.stop();
  }
}
