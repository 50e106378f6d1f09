import { pipeline, Readable } from 'node:stream';
import type { Duplex } from 'node:stream';
import { brotliCompressSync, constants, createBrotliCompress, createDeflate, createGzip } from 'node:zlib';
import { deflateSync, gzipSync } from 'node:zlib';
import type { BrotliOptions } from 'node:zlib';
import { CONTENT_ENCODINGS } from '@kv/core';
import type { ContentEncoding, RecordBody } from '@kv/core';
import { parseAccept } from 'hono/utils/accept';
import { COMPRESSIBLE_CONTENT_TYPE_REGEX } from 'hono/utils/compress';
import { ApiError } from './api-error.js';

// Less is as fast without; the official clients draw the line here, too.
const MIN_CODED_BYTES = 1024;

interface Encoder {
  readonly asStream: (size: number) => Duplex;
  readonly atOnce: (bytes: Uint8Array) => Uint8Array;
}

const ENCODERS: Readonly<Record<ContentEncoding, Encoder>> = {
  br: {
    asStream: (size) => createBrotliCompress(brotliOptions(size)),
    atOnce: (bytes) => brotliCompressSync(bytes, brotliOptions(bytes.byteLength)),
  },
  gzip: { asStream: () => createGzip(), atOnce: (bytes) => gzipSync(bytes) },
  deflate: { asStream: () => createDeflate(), atOnce: (bytes) => deflateSync(bytes) },
};

/** Tells whether a body becomes smaller by a coding, and arrives earlier. */
export function isWorthCoding(contentType: string, size: number): boolean {
  return size >= MIN_CODED_BYTES && COMPRESSIBLE_CONTENT_TYPE_REGEX.test(contentType);
}

/**
 * Tells whether a value in this coding gets no other by {@link chooseCoding} than one that came without: then nobody has to
 * remember how it came.
 */
export function isChosenAnyway(coding: ContentEncoding | undefined, contentType: string, size: number): boolean {
  return coding === undefined || (coding === CONTENT_ENCODINGS[0] && isWorthCoding(contentType, size));
}

/** What speaks for a coding of a body. */
export interface CodingReasons {
  /** The coding that the body came in. */
  readonly came: ContentEncoding | undefined;
  /** Whether any other one is worth it. */
  readonly isWorthIt: boolean;
}

/**
 * Chooses the coding of a body by the header `Accept-Encoding` (RFC 9110, 12.5.3); `undefined` for none. Among those that the
 * client likes best, it is the one that the body came in.
 *
 * Who refuses the plain body gets a coded one, whether or not that is worth it.
 *
 * @throws ApiError 406 when the client takes nothing that there is.
 */
export function chooseCoding(
  header: string | undefined,
  { came, isWorthIt }: CodingReasons,
): ContentEncoding | undefined {
  if (header === undefined) return undefined;
  const qualityOf = readQualities(header);
  const likes = (coding: ContentEncoding): number => qualityOf(coding) ?? 0;
  const best = CONTENT_ENCODINGS.reduce((one, other) => (likes(other) > likes(one) ? other : one));
  const isBest = came !== undefined && likes(came) === likes(best);
  const plain = qualityOf('identity');
  const isWanted = plain === 0 || ((isBest || isWorthIt) && likes(best) >= (plain ?? 0));
  if (likes(best) > 0 && isWanted) return isBest ? came : best;
  if (plain !== 0) return undefined;
  throw new ApiError(
    406,
    'invalid-header',
    `Accept-Encoding must allow one of identity, ${CONTENT_ENCODINGS.join(', ')}.`,
  );
}

/** Compresses a body: a small one, which comes as bytes, at once, in a fraction of the time; others while they are sent. */
export function encode(value: RecordBody, coding: ContentEncoding, size: number): RecordBody {
  const encoder = ENCODERS[coding];
  if (value instanceof Uint8Array) return encoder.atOnce(value);
  const stream = encoder.asStream(size);
  // Who reads the encoder learns of every failure.
  pipeline(Readable.fromWeb(value as Parameters<typeof Readable.fromWeb>[0]), stream, () => undefined);
  return Readable.toWeb(stream) as ReadableStream<Uint8Array>;
}

/** How much a coding is liked; `undefined` where nothing is said. */
type QualityOf = (coding: string) => number | undefined;

const MAX_KNOWN = 100;
// Most clients send one of a few headers.
const knownQualities = new Map<string, QualityOf>();

function readQualities(header: string): QualityOf {
  const known = knownQualities.get(header);
  if (known) return known;
  const qualities = new Map(parseAccept(header).map(({ type, q }) => [type.toLowerCase().replace(/^x-/, ''), q]));
  const qualityOf: QualityOf = (coding) => qualities.get(coding) ?? qualities.get('*');
  if (knownQualities.size >= MAX_KNOWN) knownQualities.clear();
  knownQualities.set(header, qualityOf);
  return qualityOf;
}

function brotliOptions(size: number): BrotliOptions {
  const { BROTLI_PARAM_QUALITY, BROTLI_PARAM_LGWIN, BROTLI_PARAM_SIZE_HINT } = constants;
  // As fast as gzip, and smaller. The window that Brotli would take needs megabytes for each response.
  return { params: { [BROTLI_PARAM_QUALITY]: 4, [BROTLI_PARAM_LGWIN]: 18, [BROTLI_PARAM_SIZE_HINT]: size } };
}
