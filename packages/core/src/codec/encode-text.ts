import { KvError } from '../errors/kv-error.js';
import { quote } from '../errors/quote.js';

const encoder = new TextEncoder();
/**
 * Encodes a string as UTF-8, and refuses one that would not be read back equal.
 *
 * @throws {@link KvError} `KV_VALUE_INVALID` when the string has a lone surrogate, or the charset would read its UTF-8 bytes as
 * another string.
 */
export function encodeText(text: string, charset: string | undefined): Uint8Array {
  if (!text.isWellFormed()) throw loneSurrogate(text);
  const bytes = encoder.encode(text);
  if (charset === undefined || readsBack(bytes, charset, text)) return bytes;
  throw new KvError(
    'KV_VALUE_INVALID',
    `A string is stored as UTF-8, but its content type says charset ${quote(charset)}, so it would be read back wrong. ` +
      'Leave the charset out, or encode the string yourself and pass the bytes.',
    { details: { charset } },
  );
}

function readsBack(bytes: Uint8Array, charset: string, text: string): boolean {
  try {
    const decoder = new TextDecoder(charset, { ignoreBOM: true });
    return decoder.encoding === 'utf-8' || decoder.decode(bytes) === text;
  } catch {
    // A charset that nobody knows: the record would be read as bytes.
    return false;
  }
}

function loneSurrogate(text: string): KvError {
  const position = text.search(/\p{Surrogate}/u) + 1;
  return new KvError(
    'KV_VALUE_INVALID',
    `The string has a lone surrogate at position ${position}, which UTF-8 cannot express. ` +
      'Repair it with toWellFormed(), or store it inside a JSON value.',
    { details: { position } },
  );
}
