import type { KeyValueStoreInfo, OperationOptions } from '@kv/core';

/** What is asked of the API. */
export interface RunScopedStoresApi {
  /** Makes an unnamed store. */
  readonly create: () => Promise<KeyValueStoreInfo>;
  /** Looks a store up by its id. */
  readonly find: (id: string, options?: OperationOptions) => Promise<KeyValueStoreInfo | undefined>;
}

/** The word for the default store; no alias is the same. */
export const DEFAULT_STORE = 'default';

/** Knows which unnamed stores this run has made, since the API knows no aliases: the default one and those of aliases. */
export class RunScopedStores {
  readonly #api: RunScopedStoresApi;
  readonly #ids = new Map<string, Promise<string>>();
  readonly #words = new Map<string, string>();

  constructor(api: RunScopedStoresApi) {
    this.#api = api;
  }

  /** Looks a store of this run up; `undefined` when it has none, or it was dropped or given a name. */
  async find(word: string, options?: OperationOptions): Promise<KeyValueStoreInfo | undefined> {
    const known = this.#ids.get(word);
    if (!known) return undefined;
    const info = await this.#api.find(await known, options);
    if (info && info.name === undefined) return this.complete(info);
    if (this.#ids.get(word) === known) this.#ids.delete(word);
    return undefined;
  }

  /** Looks a store of this run up, and makes it when there is none. Of many that open it at once, one does. */
  async open(word: string, options?: OperationOptions): Promise<KeyValueStoreInfo> {
    for (;;) {
      const found = await this.find(word, options);
      if (found) return found;
      if (this.#ids.has(word)) continue;
      const making = this.#make(word);
      this.#ids.set(word, making);
      // Those that wait for it hear of it, too; the next one tries anew.
      making.catch(() => this.#ids.delete(word));
    }
  }

  /** Adds the alias of a store, when it has one. */
  complete(info: KeyValueStoreInfo): KeyValueStoreInfo {
    const word = this.#words.get(info.id);
    const hasAlias = word !== undefined && word !== DEFAULT_STORE && info.name === undefined;
    return hasAlias ? { ...info, alias: word } : info;
  }

  async #make(word: string): Promise<string> {
    const { id } = await this.#api.create();
    this.#words.set(id, word);
    return id;
  }
}
