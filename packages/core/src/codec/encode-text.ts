import { KvError } from '../errors/kv-error.js';
import { quote } from '../errors/quote.js';

const encoder = new TextEncoder();
// oxlint-disable-next-line no-control-regex -- the whole range of ASCII is what is meant
const ASCII_ONLY = /^[\x00-\x7f]*$/;
// In these, the bytes of an ASCII text are not its characters.
const NOT_ASCII_COMPATIBLE = /^(utf-?16|utf-?32|ucs-?2|unicode|iso-2022-)/;

/**
 * Encodes a string as UTF-8, and refuses one that would not be read back equal.
 *
 * @throws {@link KvError} `KV_VALUE_INVALID` when the string has a lone surrogate, or the charset is not UTF-8 and the
 * string is not plain ASCII.
 */
export function encodeText(text: string, charset: string | undefined): Uint8Array {
  if (!text.isWellFormed()) throw loneSurrogate(text);
  if (isUtf8(charset) || (ASCII_ONLY.test(text) && !NOT_ASCII_COMPATIBLE.test(charset))) return encoder.encode(text);
  throw new KvError(
    'KV_VALUE_INVALID',
    `A string is stored as UTF-8, but its content type says charset ${quote(charset)}, so it would be read back wrong. ` +
      'Leave the charset out, or encode the string yourself and pass the bytes.',
    { details: { charset } },
  );
}

function isUtf8(charset: string | undefined): charset is undefined | 'utf-8' | 'utf8' {
  return charset === undefined || charset === 'utf-8' || charset === 'utf8';
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
