import type { AssetKind, Page } from './page.ts';

export interface BrokenLink {
  url: string;
  /** HTTP status; `null` when no answer came, and `error` says why. */
  status: number | null;
  error?: string;
  /** Every page that links to it or shows it. Empty for a start URL. */
  foundOn: string[];
}

/** The record `OUTPUT`. */
export interface Summary {
  pages: number;
  assets: number;
  bytes: number;
  redirects: number;
  byStatus: Record<string, number>;
  bytesByKind: Partial<Record<AssetKind | 'HTML' | 'other', number>>;
  brokenLinks: BrokenLink[];
  slowestPages: Pick<Page, 'url' | 'timeMillis'>[];
}

/**
 * Sums up an archive. Nothing but what is stored goes in, so any number of kills on the way leave no trace in it.
 *
 * @param sizes Bytes of every stored body, by key.
 */
export function summarize(pages: Page[], sizes: ReadonlyMap<string, number>): Summary {
  const byTime = pages.toSorted((a, b) => b.timeMillis - a.timeMillis || compare(a.url, b.url));
  const byStatus = Object.groupBy(pages, ({ status }) => status ?? 'no answer');
  return {
    pages: pages.length,
    assets: [...sizes.keys()].filter((key) => key.startsWith('asset-')).length,
    bytes: [...sizes.values()].reduce((sum, size) => sum + size, 0),
    redirects: pages.filter((page) => page.redirectTo).length,
    byStatus: Object.fromEntries(Object.entries(byStatus).map(([status, group]) => [status, group?.length ?? 0])),
    bytesByKind: sumByKind(pages, sizes),
    brokenLinks: findBrokenLinks(pages),
    slowestPages: byTime.slice(0, 5).map(({ url, timeMillis }) => ({ url, timeMillis })),
  };
}

function sumByKind(pages: Page[], sizes: ReadonlyMap<string, number>): Summary['bytesByKind'] {
  const kinds = new Map(pages.flatMap(({ assets }) => assets).map(({ key, kind }) => [key, kind]));
  const totals: Summary['bytesByKind'] = {};
  for (const [key, size] of sizes) {
    const kind = key.startsWith('html-') ? 'HTML' : (kinds.get(key) ?? 'other');
    totals[kind] = (totals[kind] ?? 0) + size;
  }
  return totals;
}

function findBrokenLinks(pages: Page[]): BrokenLink[] {
  const brokenPages = pages.filter(({ status, error }) => error || Number(status) >= 400);
  const brokenAssets = pages.flatMap(({ assets }) => assets.filter(({ key }) => !key));
  const broken = new Map<string, BrokenLink>();
  for (const { url, status = null, error } of [...brokenPages, ...brokenAssets]) {
    broken.set(url, { url, status, ...(error && { error }), foundOn: [] });
  }
  for (const { url, links, assets } of pages) {
    for (const target of new Set([...links, ...assets.map((asset) => asset.url)]))
      broken.get(target)?.foundOn.push(url);
  }
  for (const { foundOn } of broken.values()) foundOn.sort(compare);
  return [...broken.values()].toSorted((a, b) => compare(a.url, b.url));
}

/** By code units: the same order on every machine, whatever its language. */
function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
