import { isKvError, JSON_CONTENT_TYPE, KvError } from '@kv/core';
import type { KeyValueStoreBackend, KeyValueStoreInfo, OperationOptions } from '@kv/core';
import type { RunStores, RunStoresApi } from './run-stores.js';

/** The record of the default store that holds the ids of aliases; Apify's SDK for Python reads and writes it, too. */
const MAPPING_KEY = '__STORAGE_ALIASES_MAPPING';

/** What {@link MappedRunStores} work with. */
export interface MappedRunStoresOptions {
  readonly api: RunStoresApi;
  /** The default store of the run. */
  readonly defaultStore: KeyValueStoreBackend;
  readonly conditionalWrites: boolean;
  /** What tells the aliases of one user and place from those of others: the public base URL and the token. */
  readonly scope: string;
}

interface Mapping {
  readonly ids: Readonly<Record<string, string>>;
  readonly etag: string | undefined;
}

/**
 * The stores of aliases in a run whose default store has an id: unnamed ones, whose ids the default store keeps, so that the run
 * finds them after a move to another machine, and they go when it goes.
 */
export class MappedRunStores implements RunStores {
  readonly #options: MappedRunStoresOptions;
  readonly #aliases = new Map<string, string>();
  /** Settles when the last open is through: one after the other, so that one alias gets one store. */
  #lastOpen: Promise<unknown> = Promise.resolve();

  constructor(options: MappedRunStoresOptions) {
    this.#options = options;
  }

  async open(alias: string, options?: OperationOptions): Promise<KeyValueStoreInfo> {
    const opening = this.#lastOpen.then(() => this.#open(alias, options));
    this.#lastOpen = opening.catch(() => undefined);
    return opening;
  }

  async find(alias: string, options?: OperationOptions): Promise<KeyValueStoreInfo | undefined> {
    const { ids } = await this.#read(options);
    return this.#find(alias, ids[await this.#entryOf(alias)], options);
  }

  toUsers(info: KeyValueStoreInfo): KeyValueStoreInfo {
    const alias = info.name === undefined ? this.#aliases.get(info.id) : undefined;
    return alias === undefined ? info : { ...info, alias };
  }

  async #open(alias: string, options: OperationOptions | undefined): Promise<KeyValueStoreInfo> {
    const entry = await this.#entryOf(alias);
    let made: KeyValueStoreInfo | undefined;
    for (;;) {
      const mapping = await this.#read(options);
      const found = await this.#find(alias, mapping.ids[entry], options);
      if (found) {
        if (made && made.id !== found.id) await this.#options.api.drop(made.id, options);
        return found;
      }
      made ??= await this.#options.api.create(undefined, options);
      await this.#write({ ...mapping, ids: { ...mapping.ids, [entry]: made.id } }, options);
    }
  }

  /** Looks the store of an alias up; one that was given a name is not the run's any more. */
  async #find(
    alias: string,
    id: string | undefined,
    options: OperationOptions | undefined,
  ): Promise<KeyValueStoreInfo | undefined> {
    const info = id === undefined ? undefined : await this.#options.api.find(id, options);
    if (!info || info.name !== undefined) return undefined;
    this.#aliases.set(info.id, alias);
    return info;
  }

  async #read(options: OperationOptions | undefined): Promise<Mapping> {
    const { defaultStore } = this.#options;
    const opened = await defaultStore.getRecordStream(MAPPING_KEY, options);
    if (!opened) return { ids: {}, etag: undefined };
    const text = await new Response(opened.stream as ReadableStream<Uint8Array<ArrayBuffer>>).text();
    return { ids: parse(text, defaultStore.id), etag: opened.etag };
  }

  /** Where the place heeds no conditions, the last of two processes that write at once wins. */
  async #write({ ids, etag }: Mapping, options: OperationOptions | undefined): Promise<void> {
    const { defaultStore, conditionalWrites } = this.#options;
    const value = new TextEncoder().encode(JSON.stringify(ids));
    const condition = etag === undefined ? { ifNoneMatch: '*' } : { ifMatch: etag };
    try {
      await defaultStore.setRecord(
        { key: MAPPING_KEY, value, contentType: JSON_CONTENT_TYPE },
        { ...options, ...(conditionalWrites ? condition : {}) },
      );
    } catch (error) {
      if (!isKvError(error, 'KV_PRECONDITION_FAILED')) throw error;
    }
  }

  async #entryOf(alias: string): Promise<string> {
    const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(this.#options.scope));
    const hash = Array.from(new Uint8Array(digest, 0, 4), (byte) => byte.toString(16).padStart(2, '0')).join('');
    return `KeyValueStore,${alias},${hash}`;
  }
}

function parse(text: string, store: string): Readonly<Record<string, string>> {
  try {
    const ids: unknown = JSON.parse(text);
    if (typeof ids === 'object' && ids !== null && !Array.isArray(ids)) return ids as Record<string, string>;
  } catch {
    // Told below.
  }
  throw new KvError(
    'KV_RECORD_CORRUPT',
    `The record ${MAPPING_KEY} of the key-value store ${store} holds the ids of aliases, but it is no JSON object. Mend or delete it.`,
    { details: { key: MAPPING_KEY, store } },
  );
}
