import { createHash } from 'node:crypto';

const MAX_STEM_LENGTH = 255 - '.__metadata__.json'.length;
const HASHED_PREFIX_LENGTH = 180;

/** Writes a key as Python's `quote(key, safe='')` does, and Crawlee 4 with it. */
export function quoteKey(key: string): string {
  return encodeURIComponent(key).replaceAll(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** Turns a quoted name back into its key; `undefined` when {@link quoteKey} never gives it. */
export function unquoteKey(stem: string): string | undefined {
  try {
    const key = decodeURIComponent(stem);
    return quoteKey(key) === stem ? key : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Gives the names that a record may have where keys are quoted, the best one first.
 *
 * The last is for what those tools have no name for: a key that is too long, one that would be somebody's metadata, or one
 * whose file is another key's, as in a directory that ignores case. It ends in a hash after a `+`, which no quoted key has.
 */
export function quotedStems(key: string): readonly string[] {
  const quoted = quoteKey(key);
  const hash = createHash('sha256').update(key).digest('hex').slice(0, 40);
  const hashed = `${quoted.replaceAll(/__metadata__/gi, '__').slice(0, HASHED_PREFIX_LENGTH)}+${hash}`;
  const isMetadata = /(^|\.)__metadata__\.json$/i.test(quoted);
  return isMetadata || quoted.length > MAX_STEM_LENGTH ? [hashed] : [quoted, hashed];
}
