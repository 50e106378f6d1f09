import { loadBuffer } from 'cheerio';
import { resolveUrl } from './urls.ts';

/** One of the records `page-…`: what became of one URL. */
export interface Page {
  url: string;
  /** HTTP status; `null` when no complete answer came, and `error` says why. */
  status: number | null;
  error?: string;
  redirectTo?: string;
  contentType?: string;
  title: string;
  links: string[];
  assets: Asset[];
  /** Bytes of the HTML, as received. */
  size: number;
  /** From the request to the last byte of the body. */
  timeMillis: number;
  /** Where the body is stored: under `html-…`, or under `asset-…` when it is not HTML. */
  bodyKey?: string;
}

/** A file that a page shows or uses. Once tried, it has a `key` if it is stored, otherwise a `status` or an `error`. */
export interface Asset {
  url: string;
  key?: string;
  status?: number;
  error?: string;
}

/** Where pages name their assets: a selector, and the attribute that holds the URL. */
const ASSETS = [
  ['link[rel~="stylesheet" i], link[rel~="icon" i], link[rel="apple-touch-icon" i]', 'href'],
  ['img, input[type="image" i], script, video, audio, video source, audio source, track, embed', 'src'],
  ['video', 'poster'],
] as const;

/**
 * Reads title, links and assets out of HTML. **The function to change first**: take out prices or articles as well, and
 * they are in the record of each page.
 *
 * @param charset As the server named it; by default the one that the HTML names.
 */
export function readPage(html: Uint8Array, url: string, charset?: string): Pick<Page, 'title' | 'links' | 'assets'> {
  const $ = loadBuffer(Buffer.from(html), { encoding: charset ? { transportLayerEncodingLabel: charset } : {} });
  const base = resolveUrl($('base[href]').attr('href') ?? '', url) ?? url;
  const attributes = (selector: string, name: string) =>
    Array.from($(selector), (element) => $(element).attr(name) ?? '');
  const resolve = (hrefs: string[]) => [...new Set(hrefs.flatMap((href) => (href && resolveUrl(href, base)) || []))];
  const assets = ASSETS.flatMap(([selector, name]) => attributes(selector, name));
  const srcsets = attributes('img, picture source', 'srcset').flatMap(srcsetUrls);
  return {
    title: $('title').first().text().replace(/\s+/g, ' ').trim(),
    links: resolve([...attributes('a, area', 'href'), ...attributes('iframe, frame', 'src')]),
    assets: resolve([...assets, ...srcsets]).map((asset) => ({ url: asset })),
  };
}

/** `a.png 1x, b.png 2x`: candidates end at a comma, but URLs may hold commas too. */
function srcsetUrls(srcset: string): string[] {
  const candidates = srcset.matchAll(/\s*([^,\s]\S*[^,\s])(?:\s+[^,]+)?\s*(?:,|$)/g);
  return Array.from(candidates, ([, url = '']) => url);
}
