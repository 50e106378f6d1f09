import { isKvError, type KeyValueStore } from '@kv/sdk';
import { type Asset, type Page, readPage } from './page.ts';
import { keyFor, resolveUrl } from './urls.ts';

const HEADERS = { 'user-agent': 'kv-site-archiver/1.0 (+https://github.com/kv-storage/kv)' };
const CONTENT_TYPE = /^[\w!#$%&'*+.^`|~-]+\/[\w!#$%&'*+.^`|~-]+[ \t]*(;[\t\x20-\x7e]*)?$/;

/** Pages of the web and their assets in a key-value store. */
export class Archive {
  readonly #store: KeyValueStore;
  readonly #pageKeys: Set<string>;
  /** Pages share assets: the first that needs one fetches it, the others wait for that. */
  readonly #assets = new Map<string, Promise<Asset>>();

  /** @param pageKeys What earlier runs have left in the store: it is not fetched again. */
  constructor(store: KeyValueStore, pageKeys: string[]) {
    this.#store = store;
    this.#pageKeys = new Set(pageKeys);
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
    const html = await this.#receive(page).catch((error: unknown) => {
      Object.assign(page, { error: explain(error), size: 0 });
    });
    page.timeMillis = Math.round(performance.now() - started);
    if (html) Object.assign(page, readPage(html, url, /charset="?([^\s;"]+)/i.exec(page.contentType ?? '')?.[1]));
    // One after the other, so that `maxConcurrency` pages never mean more than that many requests.
    for (const [index, { url: assetUrl }] of page.assets.entries()) page.assets[index] = await this.#getAsset(assetUrl);
    return page;
  }

  /** Stores what the web answers and notes it in the record. Returns the body when it is HTML. */
  async #receive(page: Page): Promise<Uint8Array | undefined> {
    const response = await request(page.url, 'manual');
    if (!response.ok) return noteRedirect(page, response);
    const contentType = contentTypeOf(response);
    const isHtml = /^(text\/html|application\/xhtml\+xml)\b/i.test(contentType);
    const bodyKey = keyFor(isHtml ? 'html' : 'asset', page.url);
    const body = readBody(response, page);
    const html = isHtml ? Buffer.concat(await Array.fromAsync(body)) : undefined;
    // What is not HTML goes from the network into the store, without the whole of it ever being in memory.
    await this.#store.setValue(bodyKey, html ?? body, { contentType });
    Object.assign(page, { status: response.status, contentType, bodyKey });
    return html;
  }

  #getAsset(url: string): Promise<Asset> {
    const asset = this.#assets.get(url) ?? this.#fetchAsset(url).catch((error) => ({ url, error: explain(error) }));
    this.#assets.set(url, asset);
    return asset;
  }

  async #fetchAsset(url: string): Promise<Asset> {
    const key = keyFor('asset', url);
    if (await this.#store.recordExists(key)) return { url, key };
    const response = await request(url, 'follow');
    if (!response.ok) return { url, status: response.status };
    await this.#store.setValue(key, readBody(response), { contentType: contentTypeOf(response) });
    return { url, key };
  }
}

/** Asks for a URL. `fetch` gives up on silence, but not on what merely takes long, such as a film. */
async function request(url: string, redirect: 'follow' | 'manual'): Promise<Response> {
  const response = await fetch(url, { redirect, headers: HEADERS });
  if (!response.ok) await response.body?.cancel();
  return response;
}

/** The body piece by piece, counted on the way. */
async function* readBody(response: Response, counter = { size: 0 }): AsyncGenerator<Uint8Array> {
  for await (const chunk of response.body ?? []) {
    counter.size += chunk.length;
    yield chunk;
  }
}

/** Servers send nonsense, which a store refuses; the bytes are worth keeping all the same. */
function contentTypeOf({ headers }: Response): string {
  const type = headers.get('content-type') ?? '';
  return type.length <= 255 && CONTENT_TYPE.test(type) ? type : 'application/octet-stream';
}

/** A redirect is a page of its own with one link, so that its target is archived once, whoever leads there. */
function noteRedirect(page: Page, { status, headers }: Response): undefined {
  page.status = status;
  const location = headers.get('location');
  if (status >= 400 || location === null) return;
  const target = resolveUrl(location, page.url);
  Object.assign(page, target ? { redirectTo: target, links: [target] } : { error: `redirects to ${location}` });
}

/** The faults of network and server go into a record, and the run goes on; those of the store end it. */
function explain(error: unknown): string {
  if (isKvError(error)) throw error;
  // `fetch failed` says nothing; its cause does: `connect ECONNREFUSED 127.0.0.1:9`.
  let cause = error;
  while (cause instanceof Error && cause.cause instanceof Error) cause = cause.cause;
  const { message, code } = cause as { message?: string; code?: string };
  return message || code || 'no answer';
}
