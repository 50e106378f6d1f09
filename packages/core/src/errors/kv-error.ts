import type { KvErrorCode } from './kv-error-code.js';

const BRAND: unique symbol = Symbol.for('@kv/error');

/** Carries what a {@link KvError} is about: storage, key, path, position. Never a token and never a value. */
export type KvErrorDetails = Readonly<Record<string, string | number | boolean | undefined>>;

/** Options of the {@link KvError} constructor. */
export interface KvErrorOptions {
  /** What the error is about, for programs and logs. */
  readonly details?: KvErrorDetails;
  /** The error that led to this one. */
  readonly cause?: unknown;
}

/**
 * Reports an operational state: what failed, on which thing, and what to do about it.
 *
 * Recognise it with {@link isKvError}, not with `instanceof`: two copies of this package may be loaded at once.
 */
export class KvError extends Error {
  /** Always `KvError`. */
  override readonly name = 'KvError';

  /** The state, stable across versions. */
  readonly code: KvErrorCode;

  /** What the error is about; frozen. */
  readonly details: KvErrorDetails;

  /** Marks the error for {@link isKvError}, whichever copy of this package made it. @internal */
  readonly [BRAND]: true = true;

  constructor(code: KvErrorCode, message: string, options: KvErrorOptions = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.details = Object.freeze({ ...options.details });
  }
}

/**
 * Tells whether a value is a {@link KvError}, optionally one with the given code.
 *
 * @example
 * ```ts
 * import { isKvError, KvError } from '@kv/core';
 *
 * const error: unknown = new KvError('KV_STORAGE_FULL', 'No space left.');
 * if (isKvError(error, 'KV_STORAGE_FULL')) console.log(error.details);
 * ```
 */
export function isKvError(error: unknown, code?: KvErrorCode): error is KvError {
  if (typeof error !== 'object' || error === null || !(BRAND in error)) return false;
  return code === undefined || (error as KvError).code === code;
}
