import type { ApiContext } from './api-context.js';
import { ApiError } from './api-error.js';

/**
 * Reads a yes or no from the query: `1`, `true`, `0`, `false`; absent means no.
 *
 * @throws ApiError 400.
 */
export function booleanParam(c: ApiContext, name: string): boolean {
  const value = c.req.query(name);
  if (value === undefined || value === '0' || value === 'false') return false;
  // A name without a value, as in `?attachment`, is a yes.
  if (value === '1' || value === 'true' || value === '') return true;
  throw new ApiError(400, 'invalid-value', `The parameter "${name}" must be 1, 0, true or false.`);
}

/** Which whole numbers a parameter takes. */
export interface IntegerRange {
  readonly min: number;
  /** Greater numbers mean this one. */
  readonly max: number;
  readonly fallback: number;
}

/**
 * Reads a whole number from the query.
 *
 * @throws ApiError 400.
 */
export function integerParam(c: ApiContext, name: string, { min, max, fallback }: IntegerRange): number {
  const value = c.req.query(name);
  if (value === undefined || value === '') return fallback;
  const number = /^\d{1,15}$/.test(value) ? Number(value) : NaN;
  if (number >= min) return Math.min(number, max);
  throw new ApiError(400, 'invalid-value', `The parameter "${name}" must be a whole number from ${min}.`);
}

/** Reads the limit of a page of up to 1,000. Zero means no limit, as official clients send it. */
export function limitParam(c: ApiContext): number {
  return integerParam(c, 'limit', { min: 0, max: 1000, fallback: 1000 }) || 1000;
}
