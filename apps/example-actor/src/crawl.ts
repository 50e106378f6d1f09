import PQueue from 'p-queue';
import type { Input } from './input.ts';

/** What a run remembers between saves. It may lag behind the page records after a kill, never run ahead of them. */
export interface Frontier {
  /** The INPUT that the URLs were found with. */
  input: string;
  /** Every URL found so far, in the order of a breadth-first walk. */
  urls: string[];
  /** The first so many of them have been searched for links. */
  searched: number;
}

/**
 * Visits pages breadth first, each once, up to `maxPages`.
 *
 * Pages are fetched at the same time, but searched for links in the order in which they were found. So which pages make
 * it into `maxPages` depends on the site alone, not on which answer came first, and a run that was killed and one that
 * was not end with the same pages.
 *
 * @param visit Archives a page, or finds it archived, and returns the links to follow.
 */
export async function crawl(input: Input, frontier: Frontier, visit: (url: string) => Promise<string[]>) {
  const queue = new PQueue({ concurrency: input.maxConcurrency });
  const known = new Set(frontier.urls);
  const visits: Promise<string[]>[] = [];

  const start = (url: string) => {
    const links = queue.add(() => visit(url));
    links.catch(() => queue.pause()); // The loop below meets the error when it comes to this page.
    visits.push(links);
  };
  const discover = (url: string) => {
    if (known.has(url) || known.size >= input.maxPages) return;
    known.add(url);
    frontier.urls.push(url);
    start(url);
  };

  frontier.urls.slice(frontier.searched).forEach(start);
  input.startUrls.forEach(discover);
  for (let links = visits.shift(); links; links = visits.shift()) {
    for (const link of await links) discover(link);
    frontier.searched += 1;
  }
}
