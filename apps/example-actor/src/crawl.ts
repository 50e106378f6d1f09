import PQueue from 'p-queue';

/** What a run remembers between saves. It may lag behind the page records after a kill, never run ahead of them. */
export interface Frontier {
  /** What the URLs were found with. With other settings the search starts over; the records make that cheap. */
  settings: string;
  /** Every URL found so far, in the order of a breadth-first walk. */
  urls: string[];
  /** The first so many of them have been searched for links. */
  searched: number;
}

export interface CrawlOptions {
  frontier: Frontier;
  startUrls: string[];
  maxPages: number;
  maxConcurrency: number;
  /** Whether a link is followed. */
  accepts: (url: string) => boolean;
  /** Archives a page, or finds it archived, and returns its links. */
  visit: (url: string) => Promise<string[]>;
}

/**
 * Visits pages breadth first, each once, up to `maxPages`.
 *
 * Pages are fetched at the same time, but searched for links in the order in which they were found. So which pages make
 * it into `maxPages` depends on the site alone, not on which answer came first, and a run that was killed and one that
 * was not end with the same pages.
 */
export async function crawl(options: CrawlOptions): Promise<void> {
  const { frontier, maxPages } = options;
  const queue = new PQueue({ concurrency: options.maxConcurrency });
  const failure = queue.onError();
  const known = new Set(frontier.urls);
  const linksOf = new Map<number, string[]>();

  const visitLater = (index: number, url: string) => {
    const task = async () => {
      linksOf.set(index, (await options.visit(url)).filter(options.accepts));
      search();
    };
    queue.add(task).catch(() => queue.pause()); // `failure` reports it
  };
  const discover = (url: string) => {
    if (known.has(url) || frontier.urls.length >= maxPages) return;
    known.add(url);
    visitLater(frontier.urls.push(url) - 1, url);
  };
  const search = () => {
    for (let links; (links = linksOf.get(frontier.searched)); frontier.searched += 1) {
      links.forEach(discover);
      // Maybe not all of them fitted in: the page stays unsearched, for a later run with a higher `maxPages`.
      if (frontier.urls.length >= maxPages) return;
      linksOf.delete(frontier.searched);
    }
  };

  frontier.urls.slice(0, maxPages).forEach((url, index) => index >= frontier.searched && visitLater(index, url));
  options.startUrls.forEach(discover);
  await Promise.race([failure, queue.onIdle()]);
}
