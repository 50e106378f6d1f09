import type { BackendOptions } from '@kv/core';

/**
 * What a write survives.
 *
 * - `rename`: the death of the process at any moment. After a power loss, the last writes may be missing.
 * - `fsync`: a power loss too. File and directory are synced before the write is acknowledged.
 */
export type Durability = 'rename' | 'fsync';

/**
 * How a new store names its files.
 *
 * - `kv`: `{KEY}.{EXT}`, to be read and edited by people.
 * - `crawlee`: `{KEY}` beside `{KEY}.__metadata__.json`, to be shared with Crawlee 4 and with Apify's and Crawlee's tools for Python.
 */
export type StoreLayout = 'kv' | 'crawlee';

/** Options of the file system backend. */
export interface FsBackendOptions extends BackendOptions {
  /**
   * Directory that holds `key_value_stores/`; created when the first store is opened.
   *
   * @defaultValue `./storage`
   */
  readonly dir?: string | undefined;
  /**
   * What an acknowledged write survives.
   *
   * @defaultValue `rename`
   */
  readonly durability?: Durability | undefined;
  /**
   * How stores that are created name their files. One that exists goes on as it is: what another tool has made is read and
   * written in the way of that tool.
   *
   * @defaultValue `kv`
   */
  readonly layout?: StoreLayout | undefined;
  /**
   * Id of the default store, and the name of its directory when it is created.
   *
   * @defaultValue `default`
   */
  readonly defaultKeyValueStoreId?: string | undefined;
  /**
   * Whether to work in a thread of its own. Otherwise small values are read and written by system calls that block the event
   * loop for some 20 µs each, which is fastest on a local disk; on a slow network file system nothing should wait for them.
   *
   * @defaultValue false
   */
  readonly thread?: boolean | undefined;
}
