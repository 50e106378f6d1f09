/**
 * Whose file names a store uses.
 *
 * - `kv`: this package's own.
 * - `crawlee`: Crawlee 4's. `KEY`, percent-encoded, beside `KEY.__metadata__.json`.
 * - `crawlee3`: Crawlee 3's and Apify SDK 3's for JavaScript. `KEY.EXT` alone.
 * - `python`: those of Apify SDK 3 and later for Python. As Crawlee 4's, with names in snake_case.
 * - `python1`, `python2`: those of Apify SDK 1 and 2 for Python. `KEY.EXT` beside `KEY.EXT.__metadata__.json`.
 */
export type LayoutName = 'kv' | 'crawlee' | 'crawlee3' | 'python' | 'python1' | 'python2';

/** Tells by the metadata of a store which tool has written it last: each writes names and times in its own way. */
export function layoutOf(metadata: Readonly<Record<string, unknown>>): LayoutName {
  if ('created_at' in metadata) return 'user_id' in metadata ? 'python2' : 'python';
  const created = String(metadata['createdAt']);
  if (/^\d{4}-\d\d-\d\d /.test(created)) return 'python1';
  // Crawlee 3 leaves no metadata of its own by default; kv notes what it has found in the directory instead.
  if (metadata['layout'] === 'crawlee3') return 'crawlee3';
  if (created.endsWith('+00:00')) return 'crawlee';
  return 'userId' in metadata ? 'crawlee3' : 'kv';
}

/** Tells whether a tool names files by key and extension, so that a key may have several files and the newest counts. */
export function hasExtensions(layout: LayoutName): boolean {
  return layout === 'crawlee3' || layout === 'python1' || layout === 'python2';
}

/** Tells whether a tool writes `content_type`, where others write `contentType`. */
export function isSnakeCase(layout: LayoutName): boolean {
  return layout === 'python' || layout === 'python2';
}
