import { parseContentType } from '@kv/core';

/**
 * Types that a browser may show. Everything else is downloaded; PDF too, because no browser shows it in a sandbox.
 *
 * HTML and SVG are shown without scripts, in an origin of their own.
 */
const SHOWN_TYPES = new Set([
  'application/json',
  'audio/mpeg',
  'image/avif',
  'image/gif',
  'image/jpeg',
  'image/png',
  'image/svg+xml',
  'image/webp',
  'text/html',
  'text/plain',
  'video/mp4',
  'video/webm',
]);

/** What makes bytes of users harmless on the origin of the server. */
const ISOLATION = {
  'Content-Security-Policy':
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'",
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
};

/** Options of {@link contentHeaders}. */
export interface ContentHeadersOptions {
  readonly contentType: string;
  /** Name of the file when the body is saved. */
  readonly fileName: string;
  /** Whether the client asks for a download. */
  readonly isAttachment: boolean;
  /** Whether other sites may embed the body: those that anyone may read. */
  readonly isOpen: boolean;
}

/** Gives the headers under which bytes of users are served, so that none of them is ever run. */
export function contentHeaders(options: ContentHeadersOptions): Record<string, string> {
  const { contentType, fileName, isAttachment, isOpen } = options;
  const isShown = SHOWN_TYPES.has(parseContentType(contentType)?.essence ?? '');
  return {
    ...ISOLATION,
    'Content-Type': contentType,
    'Cross-Origin-Resource-Policy': isOpen ? 'cross-origin' : 'same-origin',
    // The characters of a key need no escape here.
    ...((isAttachment || !isShown) && { 'Content-Disposition': `attachment; filename="${fileName}"` }),
  };
}
