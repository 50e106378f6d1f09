import type { ApiContext } from './api-context.js';
import { ApiError } from './api-error.js';
import { requestHeader } from './request-header.js';

const SCRIPT_DESTINATIONS = /^(script|serviceworker|sharedworker|worker|.*worklet)$/;

/**
 * Refuses a browser that fetches stored bytes in order to run them.
 *
 * @throws ApiError 403.
 */
export function refuseScripts(c: ApiContext): void {
  if (requestHeader(c, 'service-worker') !== undefined) {
    const message = 'A record cannot be registered as a service worker.';
    throw new ApiError(403, 'service-worker-registration-not-allowed', message);
  }
  if (!SCRIPT_DESTINATIONS.test(requestHeader(c, 'sec-fetch-dest') ?? '')) return;
  throw new ApiError(403, 'operation-not-allowed', 'A record cannot be run as a script.');
}
