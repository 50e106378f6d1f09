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

/** How a content type is served. */
interface ServedType {
  readonly sentAs: string;
  /** Whether a browser may show it. */
  readonly isShown: boolean;
}

const MAX_KNOWN = 100;
// Most records of a server have one of a few types.
const knownTypes = new Map<string, ServedType>();

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
  const { sentAs, isShown } = servedType(contentType);
  const headers: ResponseHeaders = {
    'Content-Type': sentAs,
    'Content-Security-Policy': SANDBOX,
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
    'Cross-Origin-Resource-Policy': isOpen ? 'cross-origin' : 'same-origin',
  };
  // The characters of a key need no escape here.
  if (isAttachment || !isShown) headers['Content-Disposition'] = `attachment; filename="${fileName}"`;
  return headers;
}

function servedType(contentType: string): ServedType {
  const known = knownTypes.get(contentType);
  if (known) return known;
  const parsed = parseContentType(contentType);
  // A backend may let through what is no header.
  const type = { sentAs: parsed ? contentType : BINARY_CONTENT_TYPE, isShown: SHOWN_TYPES.has(parsed?.essence ?? '') };
  if (knownTypes.size >= MAX_KNOWN) knownTypes.clear();
  knownTypes.set(contentType, type);
  return type;
}
