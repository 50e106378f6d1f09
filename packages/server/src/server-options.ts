import type { StorageBackend } from '@kv/core';
import type { DefaultAccess } from './access/general-access.js';

/** Limits of a server. */
export interface ServerLimits {
  /**
   * Greatest size of a JSON body in bytes, after decompression.
   *
   * @defaultValue 9437184
   */
  readonly jsonBytes: number;
  /**
   * Greatest size of a record in bytes, after decompression.
   *
   * @defaultValue Infinity
   */
  readonly recordBytes: number;
}

/** The limits that are in force unless others are given. */
export const DEFAULT_LIMITS: ServerLimits = { jsonBytes: 9_437_184, recordBytes: Infinity };

/** Options of a server. */
export interface ServerOptions {
  /** Where the records lie. Closing the server leaves it open. */
  readonly backend: StorageBackend;
  /**
   * A token with all rights of the owner, besides those that were made with `kv-server token create`.
   */
  readonly token?: string | undefined;
  /**
   * Name of the first user, who owns what lies in the backend; used when there is none yet.
   *
   * @defaultValue 'admin'
   */
  readonly username?: string | undefined;
  /**
   * Lets requests without a token act as the owner. Only for an address that nobody else can reach.
   *
   * @defaultValue false
   */
  readonly allowAnonymous?: boolean | undefined;
  /**
   * Who may read storages whose `generalAccess` is `FOLLOW_USER_SETTING`.
   *
   * @defaultValue 'RESTRICTED'
   */
  readonly defaultAccess?: DefaultAccess | undefined;
  /**
   * Base URL of the links that the server gives out, such as `https://storage.example.com`.
   *
   * @defaultValue the address that the request came to
   */
  readonly publicUrl?: string | undefined;
  /** Limits that differ from the defaults. */
  readonly limits?: Partial<ServerLimits> | undefined;
}
