import { BINARY_CONTENT_TYPE, parseContentType } from '@kv/core';
import type { ResponseHeaders } from './respond.js';

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

/** What keeps bytes of users from doing anything on the origin of the server. */
const SANDBOX = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'";

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
export function contentHeaders(options: ContentHeadersOptions): ResponseHeaders {
  const { contentType, fileName, isAttachment, isOpen } = options;
  const parsed = parseContentType(contentType);
  const isShown = SHOWN_TYPES.has(parsed?.essence ?? '');
  const headers: ResponseHeaders = {
    // A backend may let through what is no header.
    'Content-Type': parsed ? contentType : BINARY_CONTENT_TYPE,
    'Content-Security-Policy': SANDBOX,
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
    'Cross-Origin-Resource-Policy': isOpen ? 'cross-origin' : 'same-origin',
  };
  // The characters of a key need no escape here.
  if (isAttachment || !isShown) headers['Content-Disposition'] = `attachment; filename="${fileName}"`;
  return headers;
}
