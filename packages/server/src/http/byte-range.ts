import type { RecordBody } from '@kv/core';

/** A part of a body, both ends included. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * Reads the header `Range` (RFC 9110, 14.2); `undefined` when all of the body is meant: more than one range, and what cannot be
 * understood, may be ignored.
 */
export function parseByteRange(header: string | undefined, size: number): ByteRange | 'unsatisfiable' | undefined {
  const [, first, last] = /^bytes=(?=.*\d)(\d*)-(\d*)$/.exec(header?.trim() ?? '') ?? [];
  if (first === undefined || last === undefined) return undefined;
  if (first === '') return suffix(Number(last), size);
  if (last !== '' && Number(last) < Number(first)) return undefined;
  return clip(Number(first), last === '' ? size - 1 : Number(last), size);
}

function suffix(length: number, size: number): ByteRange | 'unsatisfiable' | undefined {
  // The last bytes of nothing are all of it.
  return size === 0 && length > 0 ? undefined : clip(size - length, size - 1, size);
}

function clip(start: number, end: number, size: number): ByteRange | 'unsatisfiable' {
  return start >= size ? 'unsatisfiable' : { start: Math.max(0, start), end: Math.min(end, size - 1) };
}

/** Gives a part of a body; of a stream, what comes after it is not read. */
export function slice(body: RecordBody, { start, end }: ByteRange): RecordBody {
  return body instanceof Uint8Array ? body.subarray(start, end + 1) : ReadableStream.from(slices(body, start, end));
}

async function* slices(stream: AsyncIterable<Uint8Array>, start: number, end: number): AsyncGenerator<Uint8Array> {
  let position = 0;
  for await (const chunk of stream) {
    const part = chunk.subarray(Math.max(0, start - position), end + 1 - position);
    position += chunk.byteLength;
    if (part.byteLength > 0) yield part;
    if (position > end) return;
  }
}
