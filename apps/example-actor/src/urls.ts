import { createHash } from 'node:crypto';

/** The URL that `href` means on a page at `base`, without its fragment; `null` unless it is http or https. */
export function resolveUrl(href: string, base?: string): string | null {
  const url = URL.parse(href.trim(), base);
  if (!url || !['http:', 'https:'].includes(url.protocol)) return null;
  // `fetch` refuses URLs with credentials, and they have no place in an archive.
  return Object.assign(url, { hash: '', username: '', password: '' }).href;
}

/** The host as `sameHostOnly` compares it: many sites redirect between `example.com` and `www.example.com`. */
export function siteOf(url: string): string {
  return new URL(url).host.replace(/^www\./, '');
}

/** A key made of the URL alone, so that a rerun finds what an earlier run has stored: a readable part, then a hash. */
export function keyFor(prefix: 'page' | 'html' | 'asset', url: string): string {
  const { host, pathname, search } = new URL(url);
  const slug = (host + pathname + search).replace(/[^a-zA-Z0-9]+/g, '-').slice(0, 80);
  const hash = createHash('sha256').update(url).digest('hex').slice(0, 16);
  return [prefix, ...slug.split('-'), hash].filter(Boolean).join('-');
}
