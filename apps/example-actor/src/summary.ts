import type { AssetKind, Page } from './page.ts';

export type BodyKind = AssetKind | 'page' | 'document';

export interface BrokenLink {
  url: string;
  /** HTTP status; `null` when no answer came, and `error` says why. */
  status: number | null;
  error?: string;
  /** Every page that links to it or shows it. */
  foundOn: string[];
}

/** The record `OUTPUT`. */
export interface Summary {
  pages: number;
  assets: number;
  bytes: number;
  redirects: number;
  byStatus: Record<string, number>;
  bytesByKind: Partial<Record<BodyKind, number>>;
  brokenLinks: BrokenLink[];
  slowestPages: Pick<Page, 'url' | 'timeMillis'>[];
}

/**
 * Sums up an archive. Nothing but what is stored goes in, so any number of kills on the way leave no trace in it.
 *
 * @param sizes Bytes of every stored body, by key.
 */
export function summarize(pages: Page[], sizes: ReadonlyMap<string, number>): Summary {
  return {
    pages: pages.length,
    assets: [...sizes.keys()].filter((key) => key.startsWith('asset-')).length,
    bytes: sum(sizes.values()),
    redirects: pages.filter((page) => page.redirectTo).length,
    byStatus: countBy(pages, (page) => String(page.status ?? 'no answer')),
    bytesByKind: bytesByKind(pages, sizes),
    brokenLinks: findBrokenLinks(pages),
    slowestPages: pages
      .map(({ url, timeMillis }) => ({ url, timeMillis }))
      .toSorted((a, b) => b.timeMillis - a.timeMillis || compare(a.url, b.url))
      .slice(0, 5),
  };
}

function bytesByKind(pages: Page[], sizes: ReadonlyMap<string, number>): Summary['bytesByKind'] {
  const kinds = new Map<string, BodyKind>();
  for (const { bodyKey } of pages) if (bodyKey) kinds.set(bodyKey, bodyKey.startsWith('html-') ? 'page' : 'document');
  for (const { key, kind } of pages.flatMap((page) => page.assets)) if (key) kinds.set(key, kind);
  const totals: Summary['bytesByKind'] = {};
  for (const [key, kind] of kinds) totals[kind] = (totals[kind] ?? 0) + (sizes.get(key) ?? 0);
  return totals;
}

function findBrokenLinks(pages: Page[]): BrokenLink[] {
  const broken = new Map<string, BrokenLink>();
  const note = ({ url, status = null, error }: Omit<BrokenLink, 'foundOn' | 'status'> & { status?: number | null }) =>
    broken.set(url, { url, status, ...(error && { error }), foundOn: [] });
  pages.filter(({ status, error }) => error || Number(status) >= 400).forEach(note);
  pages.flatMap(({ assets }) => assets.filter(({ key }) => !key)).forEach(note);
  for (const { url, links, assets } of pages) {
    for (const target of new Set([...links, ...assets.map((asset) => asset.url)]))
      broken.get(target)?.foundOn.push(url);
  }
  for (const { foundOn } of broken.values()) foundOn.sort(compare);
  return [...broken.values()].toSorted((a, b) => compare(a.url, b.url));
}

function countBy<T>(items: T[], nameOf: (item: T) => string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of items.map(nameOf).toSorted()) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

function sum(numbers: Iterable<number>): number {
  let total = 0;
  for (const number of numbers) total += number;
  return total;
}

/** By code units: the same order on every machine, whatever its language. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
