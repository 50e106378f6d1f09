import type { KeyValueStore } from '@kv/sdk';
import { type Download, download, DownloadError } from './download.ts';
import { type Asset, type Page, readPage } from './page.ts';
import { keyFor, resolveUrl } from './urls.ts';

/** Pages of the web and their assets in a key-value store. */
export class Archive {
  readonly #store: KeyValueStore;
  readonly #pageKeys = new Set<string>();
  /** Pages share assets: the first that needs one fetches it, the others wait for that. */
  readonly #assets = new Map<string, Promise<Omit<Asset, 'kind'>>>();

  private constructor(store: KeyValueStore) {
    this.#store = store;
  }

  /** Opens what earlier runs have left in the store, so that nothing of it is fetched again. */
  static async open(store: KeyValueStore): Promise<Archive> {
    const archive = new Archive(store);
    for await (const key of store.keys({ prefix: 'page-' })) archive.#pageKeys.add(key);
    return archive;
  }

  get pageCount(): number {
    return this.#pageKeys.size;
  }

  has(url: string): boolean {
    return this.#pageKeys.has(keyFor('page', url));
  }

  /** The record of a page: the stored one, or, when there is none, a new one with all that the page shows. */
  async getPage(url: string): Promise<Page> {
    const key = keyFor('page', url);
    const stored = this.#pageKeys.has(key) ? await this.#store.getValue<Page>(key) : null;
    if (stored) return stored;
    this.#pageKeys.add(key);
    const page = await this.#fetchPage(url);
    // The commit: everything that the record names is stored by now, so a kill leaves a whole page or none.
    await this.#store.setValue(key, page);
    return page;
  }

  async #fetchPage(url: string): Promise<Page> {
    const page: Page = { url, status: null, title: '', links: [], assets: [], size: 0, timeMillis: 0 };
    const started = performance.now();
    const html = await this.#receive(page);
    page.timeMillis = Math.round(performance.now() - started);
    if (html) Object.assign(page, readPage(html, url, /charset="?([^\s;"]+)/i.exec(page.contentType ?? '')?.[1]));
    // One after the other, so that `maxConcurrency` pages never mean more than that many requests.
    for (const asset of page.assets) Object.assign(asset, await this.#getAsset(asset.url));
    return page;
  }

  /** Stores what the web answers and notes it in the record. Returns the body when it is HTML. */
  async #receive(page: Page): Promise<Uint8Array | undefined> {
    try {
      const answer = await download(page.url, 'manual');
      const { ok, status } = answer.response;
      const html = ok ? await this.#storeBody(page, answer) : noteRedirect(page, answer);
      page.status = status;
      page.size = answer.size;
      return html;
    } catch (error) {
      if (!(error instanceof DownloadError)) throw error;
      page.error = error.message;
      return undefined;
    }
  }

  async #storeBody(page: Page, answer: Download): Promise<Uint8Array | undefined> {
    const { contentType } = answer;
    const isHtml = /^(text\/html|application\/xhtml\+xml)\b/i.test(contentType);
    const bodyKey = keyFor(isHtml ? 'html' : 'asset', page.url);
    const html = isHtml ? Buffer.concat(await collect(answer.body)) : undefined;
    if (html) await this.#store.setValue(bodyKey, html, { contentType });
    else await this.#stream(bodyKey, answer);
    if (!html) this.#assets.set(page.url, Promise.resolve({ url: page.url, key: bodyKey }));
    Object.assign(page, { contentType, bodyKey });
    return html;
  }

  #getAsset(url: string): Promise<Omit<Asset, 'kind'>> {
    const known = this.#assets.get(url);
    if (known) return known;
    const asset = this.#fetchAsset(url);
    this.#assets.set(url, asset);
    return asset;
  }

  async #fetchAsset(url: string): Promise<Omit<Asset, 'kind'>> {
    const key = keyFor('asset', url);
    if (await this.#store.recordExists(key)) return { url, key };
    try {
      const answer = await download(url, 'follow');
      if (answer.response.ok) await this.#stream(key, answer);
      else answer.discard();
      return answer.response.ok ? { url, key } : { url, status: answer.response.status };
    } catch (error) {
      if (!(error instanceof DownloadError)) throw error;
      return { url, error: error.message };
    }
  }

  /** From the network into the store, without the whole of it ever being in memory. */
  async #stream(key: string, answer: Download): Promise<void> {
    try {
      await this.#store.setValue(key, answer.body, { contentType: answer.contentType });
    } catch (error) {
      throw answer.failure ?? error;
    }
  }
}

/** A redirect is a page of its own with one link, so that its target is archived once, whoever leads there. */
function noteRedirect(page: Page, { response, discard }: Download): undefined {
  discard();
  const location = response.headers.get('location');
  if (response.status >= 400 || location === null) return;
  const target = resolveUrl(location, page.url);
  Object.assign(page, target ? { redirectTo: target, links: [target] } : { error: `redirects to ${location}` });
}

async function collect(body: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> {
  const chunks = [];
  for await (const chunk of body) chunks.push(chunk);
  return chunks;
}
