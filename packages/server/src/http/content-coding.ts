import { pipeline, Readable } from 'node:stream';
import type { Duplex } from 'node:stream';
import { brotliCompressSync, constants, createBrotliCompress, createDeflate, createGzip } from 'node:zlib';
import { deflateSync, gzipSync } from 'node:zlib';
import type { BrotliOptions } from 'node:zlib';
import type { RecordBody } from '@kv/core';
import { parseAccept } from 'hono/utils/accept';
import { COMPRESSIBLE_CONTENT_TYPE_REGEX } from 'hono/utils/compress';
import { ApiError } from './api-error.js';

/** A way to compress a body. */
export type ContentCoding = 'br' | 'gzip' | 'deflate';

/** The codings, and of those that a client likes alike, the best first. */
export const CONTENT_CODINGS: readonly ContentCoding[] = ['br', 'gzip', 'deflate'];

/** What fits one packet takes no less time compressed: 1,500 bytes of Ethernet, less the headers of IP and TCP. */
const PACKET_BYTES = 1400;

interface Encoder {
  readonly asStream: (size: number) => Duplex;
  readonly atOnce: (bytes: Uint8Array) => Uint8Array;
}

const ENCODERS: Readonly<Record<ContentCoding, Encoder>> = {
  br: {
    asStream: (size) => createBrotliCompress(brotliOptions(size)),
    atOnce: (bytes) => brotliCompressSync(bytes, brotliOptions(bytes.byteLength)),
  },
  gzip: { asStream: () => createGzip(), atOnce: (bytes) => gzipSync(bytes) },
  deflate: { asStream: () => createDeflate(), atOnce: (bytes) => deflateSync(bytes) },
};

/** Tells whether a body becomes smaller by a coding, and arrives earlier. */
export function isWorthCoding(contentType: string, size: number): boolean {
  return size > PACKET_BYTES && COMPRESSIBLE_CONTENT_TYPE_REGEX.test(contentType);
}

/**
 * Chooses the coding of a body by the header `Accept-Encoding` (RFC 9110, 12.5.3); `undefined` for none.
 *
 * Who refuses the plain body gets a coded one, whether or not that is worth it.
 *
 * @throws ApiError 406 when the client takes nothing that there is.
 */
export function chooseCoding(header: string | undefined, isWorthIt: boolean): ContentCoding | undefined {
  if (header === undefined) return undefined;
  const qualityOf = readQualities(header);
  const [best] = CONTENT_CODINGS.toSorted((a, b) => (qualityOf(b) ?? 0) - (qualityOf(a) ?? 0));
  const quality = (best && qualityOf(best)) ?? 0;
  const plain = qualityOf('identity');
  if (quality > 0 && (plain === 0 || (isWorthIt && quality >= (plain ?? 0)))) return best;
  if (plain !== 0) return undefined;
  throw new ApiError(
    406,
    'invalid-header',
    `Accept-Encoding must allow one of identity, ${CONTENT_CODINGS.join(', ')}.`,
  );
}

/** Compresses a body: a small one, which comes as bytes, at once, in a fraction of the time; others while they are sent. */
export function encode(value: RecordBody, coding: ContentCoding, size: number): RecordBody {
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
