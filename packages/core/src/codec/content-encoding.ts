import { kindOf, quote } from '../errors/quote.js';

/** The codings that values come in over HTTP, by their names there; of those that somebody likes alike, the best first. */
export const CONTENT_ENCODINGS = ['br', 'gzip', 'deflate'] as const;

/** A coding that makes a value shorter on its way: Brotli, gzip or zlib. */
export type ContentEncoding = (typeof CONTENT_ENCODINGS)[number];

/** Tells whether this is one of the {@link CONTENT_ENCODINGS}. */
export function isContentEncoding(value: unknown): value is ContentEncoding {
  return (CONTENT_ENCODINGS as readonly unknown[]).includes(value);
}

/**
 * Accepts one of the {@link CONTENT_ENCODINGS}, or none.
 *
 * @throws `TypeError` when it is anything else.
 */
export function assertContentEncoding(value: unknown): asserts value is ContentEncoding | undefined {
  if (value === undefined || isContentEncoding(value)) return;
  const given = typeof value === 'string' ? quote(value) : kindOf(value);
  throw new TypeError(`The content encoding must be one of ${CONTENT_ENCODINGS.join(', ')}, not ${given}.`);
}
