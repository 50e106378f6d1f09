import type { KeyValueStoreInfo, OperationOptions } from '@kv/core';
import { aliasOf, isReservedName, reservedName } from './reserved-name.js';
import { DEFAULT_STORE } from './run-stores.js';
import type { RunStores, RunStoresApi } from './run-stores.js';

/** The default store and those of aliases where no run has ids for them: stores of reserved names, the same for every process. */
export class NamedRunStores implements RunStores {
  readonly #api: RunStoresApi;
  /** Aliases that cannot be read off the name. */
  readonly #aliases = new Map<string, string>();

  constructor(api: RunStoresApi) {
    this.#api = api;
  }

  async open(alias: string, options?: OperationOptions): Promise<KeyValueStoreInfo> {
    return this.#api.create(await this.#nameOf(alias), options);
  }

  async find(alias: string, options?: OperationOptions): Promise<KeyValueStoreInfo | undefined> {
    return this.#api.find(`~${await this.#nameOf(alias)}`, options);
  }

  toUsers(info: KeyValueStoreInfo): KeyValueStoreInfo {
    if (info.name === undefined || !isReservedName(info.name)) return info;
    const { name, ...rest } = info;
    const alias = aliasOf(name) ?? this.#aliases.get(name);
    return alias === undefined || alias === DEFAULT_STORE ? rest : { ...rest, alias };
  }

  async #nameOf(alias: string): Promise<string> {
    const name = await reservedName(alias);
    this.#aliases.set(name, alias);
    return name;
  }
}
