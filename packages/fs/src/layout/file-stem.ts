import { createHash } from 'node:crypto';
import { isRecordKey } from '@kv/core';

/** A record key as the beginning of a file name. */
export interface FileStem {
  /** The text that the names of the record's files begin with. */
  readonly text: string;
  /** Whether the key is too long for a file name, so that only the sidecar knows it. */
  readonly isHashed: boolean;
}

// 255 bytes are the limit of a name everywhere; the longest ending, a sidecar's, takes 18.
const MAX_STEM_LENGTH = 255 - '.__metadata__.json'.length;
const HASHED_PREFIX_LENGTH = 180;
// Windows keeps these for devices, under any extension.
const RESERVED = /^(con|prn|aux|nul|com\d|lpt\d)(?=\.|$)/i;
// Any of what is percent-encoded; to ask once takes a tenth of the time of four replacements.
const ENCODED = /^(?:\.|(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$))|\.$|__metadata__/i;
const WELL_KNOWN = new Set(['INPUT', 'OUTPUT']);

/**
 * Turns a key into the beginning of a file name, exactly: no two keys share one, on any operating system.
 *
 * The key stays readable. Percent-encoded are the first letters of what a file system or this layout keeps for itself:
 * device names of Windows, a leading dot, a dot at the end, and `__metadata__`. A key that is too long becomes its beginning
 * with a hash after a `+`. In a store whose directory takes `a` and `A` for one name (`ignoresCase`), a tag after a `=` tells
 * which letters are capitals; only plain lower case, `INPUT` and `OUTPUT` go without. None of `%`, `+`, `=` and `~` may
 * stand in a key.
 */
export function encodeStem(key: string, ignoresCase: boolean): FileStem {
  const escaped = ENCODED.test(key) ? percentEncode(key) : key;
  const text = ignoresCase ? escaped + caseTag(key) : escaped;
  if (text.length <= MAX_STEM_LENGTH) return { text, isHashed: false };
  const hash = createHash('sha256').update(key).digest('hex').slice(0, 40);
  return { text: `${escaped.slice(0, HASHED_PREFIX_LENGTH)}+${hash}`, isHashed: true };
}

/** Turns the beginning of a file name back into its key; `undefined` when {@link encodeStem} never gives it. */
export function decodeStem(text: string, ignoresCase: boolean): string | undefined {
  const key = text.replace(/=[0-9a-f]+$/, '').replaceAll(/%([0-9A-F]{2})/g, percentDecode);
  return isRecordKey(key) && encodeStem(key, ignoresCase).text === text ? key : undefined;
}

function percentEncode(key: string): string {
  return key
    .replace(RESERVED, percentEncodeFirst)
    .replace(/^\./, percentEncodeFirst)
    .replace(/\.$/, percentEncodeFirst)
    .replaceAll(/__metadata__/gi, percentEncodeFirst);
}

function percentEncodeFirst(match: string): string {
  return `%${match.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}${match.slice(1)}`;
}

function percentDecode(_match: string, hex: string): string {
  return String.fromCharCode(Number.parseInt(hex, 16));
}

function caseTag(key: string): string {
  const isLowerCase = key === key.toLowerCase();
  if (WELL_KNOWN.has(key) || (isLowerCase && !WELL_KNOWN.has(key.toUpperCase()))) return '';
  const capitals = [...key].map((letter) => (/[A-Z]/.test(letter) ? '1' : '0')).join('');
  return `=${BigInt(`0b${capitals}`).toString(16)}`;
}
