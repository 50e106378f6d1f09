import type { Page } from './page.ts';

export interface BrokenLink extends Pick<Page, 'url' | 'status' | 'error'> {
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
  brokenLinks: BrokenLink[];
  slowestPages: Pick<Page, 'url' | 'timeMillis'>[];
}

/**
 * Sums up an archive. Nothing but what is stored goes in, so any number of kills on the way leave no trace in it.
 *
 * @param sizes Bytes of every stored body, by key.
 */
export function summarize(pages: Page[], sizes: ReadonlyMap<string, number>): Summary {
  const sorted = pages.toSorted(byUrl);
  const byTime = sorted.toSorted((a, b) => b.timeMillis - a.timeMillis);
  const byStatus: Record<string, number> = {};
  for (const { status } of pages) byStatus[status ?? 'no answer'] = (byStatus[status ?? 'no answer'] ?? 0) + 1;
  return {
    pages: pages.length,
    assets: [...sizes.keys()].filter((key) => key.startsWith('asset-')).length,
    bytes: [...sizes.values()].reduce((sum, size) => sum + size, 0),
    redirects: pages.filter((page) => page.redirectTo).length,
    byStatus,
    brokenLinks: findBrokenLinks(sorted),
    slowestPages: byTime.slice(0, 5).map(({ url, timeMillis }) => ({ url, timeMillis })),
  };
}

function findBrokenLinks(pages: Page[]): BrokenLink[] {
  const brokenPages = pages.filter(({ status, error }) => error || Number(status) >= 400);
  const brokenAssets = pages.flatMap(({ assets }) => assets.filter(({ key }) => !key));
  const broken = new Map<string, BrokenLink>();
  for (const { url, status = null, error } of [...brokenPages, ...brokenAssets]) {
    broken.set(url, { url, status, ...(error && { error }), foundOn: [] });
  }
  for (const { url, links, assets } of pages) {
    const targets = new Set([...links, ...assets.map((asset) => asset.url)]);
    for (const target of targets) broken.get(target)?.foundOn.push(url);
  }
  return [...broken.values()].toSorted(byUrl);
}

/** By code units: the same order on every machine, whatever its language. */
const byUrl = (a: { url: string }, b: { url: string }) => (a.url < b.url ? -1 : 1);
