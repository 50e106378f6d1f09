import { type CheerioAPI, loadBuffer } from 'cheerio';
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
  /** Bytes of the body, as received. */
  size: number;
  /** From the request to the last byte of the body. */
  timeMillis: number;
  /** Where the body is stored: under `html-…`, or under `asset-…` when it is not HTML. */
  bodyKey?: string;
}

export type AssetKind = 'images' | 'styles' | 'scripts' | 'media';

/** A file that a page shows or uses. Once tried, it has a `key` if it is stored, otherwise a `status` or an `error`. */
export interface Asset {
  url: string;
  kind: AssetKind;
  key?: string;
  status?: number;
  error?: string;
}

const ASSETS: { kind: AssetKind; selector: string; attribute: string }[] = [
  { kind: 'styles', selector: 'link[rel~="stylesheet" i]', attribute: 'href' },
  { kind: 'images', selector: 'link[rel~="icon" i], link[rel="apple-touch-icon" i]', attribute: 'href' },
  { kind: 'images', selector: 'img, input[type="image" i]', attribute: 'src' },
  { kind: 'images', selector: 'img, picture source', attribute: 'srcset' },
  { kind: 'images', selector: 'video', attribute: 'poster' },
  { kind: 'scripts', selector: 'script', attribute: 'src' },
  { kind: 'media', selector: 'video, audio, video source, audio source, track, embed', attribute: 'src' },
];

/**
 * Reads title, links and assets out of HTML. **The function to change first**: take out prices or articles as well, and
 * they are in the record of each page.
 *
 * @param charset As the server named it; by default the one that the HTML names.
 */
export function readPage(html: Uint8Array, url: string, charset?: string): Pick<Page, 'title' | 'links' | 'assets'> {
  const $ = loadBuffer(Buffer.from(html), { encoding: charset ? { transportLayerEncodingLabel: charset } : {} });
  const base = resolveUrl($('base[href]').attr('href') ?? '', url) ?? url;
  const links = [...attributes($, 'a, area', 'href'), ...attributes($, 'iframe, frame', 'src')];
  return {
    title: $('title').first().text().replace(/\s+/g, ' ').trim(),
    links: [...new Set(links.flatMap((href) => resolveUrl(href, base) ?? []))],
    assets: readAssets($, base),
  };
}

function readAssets($: CheerioAPI, base: string): Asset[] {
  const kinds = new Map<string, AssetKind>();
  for (const { kind, selector, attribute } of ASSETS) {
    const values = attributes($, selector, attribute);
    for (const href of attribute === 'srcset' ? values.flatMap(srcsetUrls) : values) {
      const url = resolveUrl(href, base);
      if (url && !kinds.has(url)) kinds.set(url, kind);
    }
  }
  return Array.from(kinds, ([url, kind]) => ({ url, kind }));
}

function attributes($: CheerioAPI, selector: string, name: string): string[] {
  return $(selector)
    .get()
    .flatMap((element) => $(element).attr(name) || []);
}

/** `a.png 1x, b.png 2x`: candidates end at a comma, but URLs may hold commas too. */
function srcsetUrls(srcset: string): string[] {
  const candidates = srcset.matchAll(/\s*([^,\s]\S*[^,\s])(?:\s+[^,]+)?\s*(?:,|$)/g);
  return Array.from(candidates, ([, url = '']) => url);
}
