import { Actor, type KeyValueStore } from '@kv/sdk';
import { Presets, SingleBar } from 'cli-progress';
import { Archive } from './archive.ts';
import { crawl, type Frontier } from './crawl.ts';
import { type Input, parseInput } from './input.ts';
import type { Page } from './page.ts';
import { renderReport } from './report.ts';
import { summarize } from './summary.ts';
import { siteOf } from './urls.ts';

await Actor.main(async () => {
  const input = parseInput(await Actor.getInput());
  if (typeof input === 'string') return Actor.fail(input);
  const store = await Actor.openKeyValueStore();
  await archivePages(input, new Archive(store, await store.keys({ prefix: 'page-' })));
  await writeResults(input, store);
});

async function archivePages(input: Input, archive: Archive): Promise<void> {
  if (archive.pageCount > 0) console.log(`Going on with a run that has archived ${archive.pageCount} pages.`);
  const frontier = await openFrontier(input, archive);
  const bar = startBar(frontier);
  const sites = new Set(input.startUrls.map(siteOf));
  const visit = async (url: string) => {
    // Only when a kept store is given another INPUT: the pages of the earlier one count too.
    if (!archive.has(url) && archive.pageCount >= input.maxPages) return [];
    const page = await archive.getPage(url);
    bar.setTotal(frontier.urls.length);
    bar.increment({ status: page.error ?? page.status, url });
    return page.links.filter((link) => !input.sameHostOnly || sites.has(siteOf(link)));
  };
  await crawl(input, frontier, visit).finally(() => bar.stop());
}

/** Where the last run was. With another INPUT, or a page record deleted, the search starts over: the records make it cheap. */
async function openFrontier(input: Input, archive: Archive): Promise<Frontier> {
  const fresh: Frontier = { input: JSON.stringify(input), urls: [], searched: 0 };
  const frontier = await Actor.useState('FRONTIER', { ...fresh });
  const isWhole = frontier.urls.slice(0, frontier.searched).every((url) => archive.has(url));
  return frontier.input === fresh.input && isWhole ? frontier : Object.assign(frontier, fresh);
}

/** A bar on a terminal; elsewhere, such as in a log, now and then a line. */
function startBar({ urls, searched }: Frontier): SingleBar {
  const format = `${process.stderr.isTTY ? '{bar} ' : ''}{value} of {total} pages  {status} {url}`;
  const bar = new SingleBar({ format, noTTYOutput: true, gracefulExit: true }, Presets.shades_classic);
  bar.start(urls.length || 1, searched, { status: '', url: '' });
  return bar;
}

async function writeResults(input: Input, store: KeyValueStore): Promise<void> {
  const pages = await store.values<Page>({ prefix: 'page-' });
  const sizes = new Map<string, number>();
  for (const prefix of ['html-', 'asset-']) {
    for await (const [key, { size }] of store.iterateKeys({ prefix })) sizes.set(key, size);
  }
  const summary = summarize(pages, sizes);
  await Actor.setValue('OUTPUT', summary);
  const report = renderReport(input.startUrls, summary, pages);
  await Actor.setValue('REPORT', report, { contentType: 'text/html; charset=utf-8' });
  await Actor.setStatusMessage(`Pages: ${summary.pages}. Broken links: ${summary.brokenLinks.length}.`);
}
