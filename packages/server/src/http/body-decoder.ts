import type { Duplex } from 'node:stream';
import { brotliDecompressSync, createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { gunzipSync, inflateSync } from 'node:zlib';
import type { ContentEncoding } from '@kv/core';
import { ApiError } from './api-error.js';

/** Undoes a coding of bodies. */
export interface BodyDecoder {
  readonly coding: ContentEncoding;
  readonly asStream: () => Duplex;
  /** Throws `ERR_BUFFER_TOO_LARGE` as soon as more bytes come out than are allowed. */
  readonly atOnce: (bytes: Uint8Array, limits: { readonly maxOutputLength: number }) => Uint8Array;
}

const GZIP: BodyDecoder = { coding: 'gzip', asStream: createGunzip, atOnce: gunzipSync };
const DECODERS: Readonly<Record<string, BodyDecoder>> = {
  br: { coding: 'br', asStream: createBrotliDecompress, atOnce: brotliDecompressSync },
  gzip: GZIP,
  'x-gzip': GZIP,
  deflate: { coding: 'deflate', asStream: createInflate, atOnce: inflateSync },
};

/**
 * Gives what undoes the coding that a header `Content-Encoding` names; `undefined` for none.
 *
 * @throws ApiError 415.
 */
export function bodyDecoder(header: string | undefined): BodyDecoder | undefined {
  const encoding = header?.trim().toLowerCase() ?? '';
  if (encoding === '' || encoding === 'identity') return undefined;
  const decoder = Object.hasOwn(DECODERS, encoding) ? DECODERS[encoding] : undefined;
  if (decoder) return decoder;
  throw new ApiError(415, 'unsupported-content-encoding', `Content-Encoding "${encoding}" is not supported.`);
}
