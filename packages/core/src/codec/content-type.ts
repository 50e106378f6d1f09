import { KvError } from '../errors/kv-error.js';
import { kindOf, quote } from '../errors/quote.js';

/** Content type of a JSON value that is stored without one. */
export const JSON_CONTENT_TYPE = 'application/json; charset=utf-8';
/** Content type of a string that is stored without one. */
export const TEXT_CONTENT_TYPE = 'text/plain; charset=utf-8';
/** Content type of bytes that are stored without one. */
export const BINARY_CONTENT_TYPE = 'application/octet-stream';

const MAX_CONTENT_TYPE_LENGTH = 255;
const TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
// A stored type travels in HTTP headers later: no control character may pass.
const CONTENT_TYPE = new RegExp(`^(${TOKEN}/${TOKEN})[ \\t]*(;[\\t\\x20-\\x7e]*)?$`);
const CHARSET = /;[ \t]*charset[ \t]*=[ \t]*"?([^\s";]+)/i;

/** The parts of a content type that decide how a value is written and read. */
export interface ContentTypeParts {
  /** Type and subtype in lower case, such as `text/html`. */
  readonly essence: string;
  /** Value of the `charset` parameter in lower case; `undefined` when there is none. */
  readonly charset: string | undefined;
}

/** Takes a content type apart; `undefined` when it is not one. */
export function parseContentType(contentType: string): ContentTypeParts | undefined {
  // Other white space than HTTP's would travel in headers, too.
  const essence = CONTENT_TYPE.exec(contentType.replaceAll(/^[ \t]+|[ \t]+$/g, ''))?.[1];
  if (essence === undefined) return undefined;
  return { essence: essence.toLowerCase(), charset: CHARSET.exec(contentType)?.[1]?.toLowerCase() };
}

/**
 * Accepts a content type: `type/subtype`, parameters after it, at most 255 characters of printable ASCII.
 *
 * @throws `TypeError` when it is not a string.
 * @throws {@link KvError} `KV_CONTENT_TYPE_INVALID` when it is not a content type.
 */
export function assertContentType(contentType: unknown): asserts contentType is string {
  if (typeof contentType !== 'string') {
    throw new TypeError(`The content type must be a string, not ${kindOf(contentType)}.`);
  }
  if (contentType.length <= MAX_CONTENT_TYPE_LENGTH && parseContentType(contentType)) return;
  const rule = `Give a type and a subtype, such as "text/html; charset=utf-8", in at most ${MAX_CONTENT_TYPE_LENGTH} characters`;
  throw new KvError('KV_CONTENT_TYPE_INVALID', `The content type ${quote(contentType)} is not one. ${rule}.`, {
    details: { contentType },
  });
}

/** Tells whether values of this type are JSON texts: `application/json` and every `…+json`. */
export function isJsonType(essence: string): boolean {
  return essence === 'application/json' || essence.endsWith('+json');
}

/** Tells whether values of this type are read as strings: `text/*` and `application/*xml`. */
export function isTextType(essence: string): boolean {
  return essence.startsWith('text/') || /^application\/.*xml$/.test(essence);
}
