import { isHTTPError } from 'ky';
import type { RetryOptions } from 'ky';
import { readApiError } from './api-error.js';
import { TransportError } from './transport-error.js';

const MAX_DELAY_MILLIS = 60_000;

/** How often failed requests are sent again, and after what time. */
export interface RetryPolicy {
  readonly maxRetries: number;
  readonly retryDelayMillis: number;
}

/** When to send a request again. */
export interface RetryRules {
  /** For those that may be sent again whatever became of them. */
  readonly repeatable: RetryOptions;
  /** For those that are sent again only when the server has done nothing. */
  readonly refused: RetryOptions;
}

/**
 * Makes the rules by which requests are sent again: with a delay that doubles, a random part on top, and what `Retry-After` says
 * where the server says it.
 */
export function retryRules({ maxRetries, retryDelayMillis }: RetryPolicy): RetryRules {
  const rule: RetryOptions = {
    limit: maxRetries,
    methods: ['get', 'head', 'post', 'put', 'delete'],
    // Those that pass: 501 and 507 do not.
    statusCodes: [429, 500, 502, 503, 504],
    afterStatusCodes: [429, 503],
    maxRetryAfter: MAX_DELAY_MILLIS,
    backoffLimit: MAX_DELAY_MILLIS,
    delay: (attempt) => retryDelayMillis * 2 ** (attempt - 1),
    jitter: (delay) => delay * (1 + Math.random()),
  };
  return {
    // What comes of no rule here is left to the list of statuses, because only that heeds `Retry-After`.
    repeatable: { ...rule, shouldRetry: ({ error }) => error instanceof TransportError || undefined },
    refused: { ...rule, shouldRetry: ({ error }) => (isRefusal(error) ? undefined : false) },
  };
}

/** Tells whether the server has said that it has done nothing. */
function isRefusal(error: unknown): boolean {
  return isHTTPError(error) && readApiError(error).code === 'KV_STORAGE_BUSY';
}
