import { join } from 'node:path';
import { Actor, type KeyValueStore } from '@kv/sdk';
import { Archive } from './archive.ts';
import { crawl, type Frontier } from './crawl.ts';
import { type Input, InputError, parseInput } from './input.ts';
import type { Page } from './page.ts';
import { startProgress } from './progress.ts';
import { renderReport } from './report.ts';
import { summarize } from './summary.ts';
import { siteOf } from './urls.ts';

await Actor.main(async () => {
  const input = await readInput();
  if (!input) return;
  const store = await Actor.openKeyValueStore();
  await archivePages(input, await Archive.open(store));
  await writeResults(input, store);
});

async function readInput(): Promise<Input | undefined> {
  const { config } = Actor;
  const directory = join(
    config.get('storageDir') ?? 'storage',
    'key_value_stores',
    config.get('defaultKeyValueStoreId'),
  );
  try {
    return parseInput(await Actor.getInput(), join(directory, `${config.get('inputKey')}.json`));
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    await Actor.fail(error.message);
    return undefined;
  }
}

async function archivePages(input: Input, archive: Archive): Promise<void> {
  const { startUrls, maxPages, maxConcurrency, sameHostOnly } = input;
  const sites = new Set(startUrls.map(siteOf));
  const frontier = await Actor.useState<Frontier>('FRONTIER', { settings: '', urls: [], searched: 0 });
  const settings = JSON.stringify({ startUrls, sameHostOnly });
  if (frontier.settings !== settings) Object.assign(frontier, { settings, urls: [], searched: 0 });
  // A page whose record was deleted is to be fetched again.
  const missing = frontier.urls.findIndex((url) => !archive.has(url));
  if (missing !== -1) frontier.searched = Math.min(frontier.searched, missing);

  if (archive.pageCount > 0) console.log(`Going on with a run that has archived ${archive.pageCount} pages.`);
  const progress = startProgress(frontier.searched, frontier.urls.length);
  const visit = async (url: string) => {
    // Only when the settings of a kept store were changed: the pages of the earlier ones count too.
    if (!archive.has(url) && archive.pageCount >= maxPages) return [];
    const page = await archive.getPage(url);
    progress.page(page, frontier.urls.length);
    return page.links;
  };
  const accepts = (url: string) => !sameHostOnly || sites.has(siteOf(url));
  await crawl({ frontier, startUrls, maxPages, maxConcurrency, accepts, visit }).finally(() => progress.stop());
}

async function writeResults(input: Input, store: KeyValueStore): Promise<void> {
  const pages: Page[] = [];
  for await (const page of store.values<Page>({ prefix: 'page-' })) pages.push(page);
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
