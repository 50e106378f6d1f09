import { createHash } from 'node:crypto';

const encoder = new TextEncoder();

/** Gives the UTF-8 bytes of a text, in a buffer of their own. */
export function bytes(text: string): Uint8Array {
  return encoder.encode(text);
}

/** Shows bytes as text, one character a byte, so that two values compare and print well. */
export function show(value: Uint8Array): string {
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('latin1');
}

/** Gives a sequence of bytes that looks like noise and is the same for the same seed. */
export function noise(length: number, seed = 1): Uint8Array {
  const value = new Uint8Array(length);
  let state = seed;
  for (let index = 0; index < length; index += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    value[index] = state >>> 24;
  }
  return value;
}

/** Gives the SHA-256 of bytes, or of all that a stream gives, holding no more than a chunk of it. */
export async function sha256(source: Uint8Array | AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash('sha256');
  if (source instanceof Uint8Array) hash.update(source);
  else for await (const chunk of source) hash.update(chunk);
  return hash.digest('hex');
}
