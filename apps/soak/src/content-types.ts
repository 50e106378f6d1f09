/** Content types that are stored in all the ways there are: alone, beside a sidecar, with and without an extension. */
export const CONTENT_TYPES = [
  'application/json; charset=utf-8',
  'application/json',
  'text/plain; charset=utf-8',
  'text/html',
  'image/png',
  'video/mp4',
  'application/octet-stream',
  'application/x-unknown-thing',
] as const;

/** The codings that values are said to come in; most come in none. */
export const CODINGS = [undefined, undefined, undefined, 'gzip', 'br'] as const;

export const JSON_TYPE: string = CONTENT_TYPES[0];
