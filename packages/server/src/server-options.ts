import type { StorageBackend } from '@kv/core';
import type { AccessLogEntry } from './http/report.js';
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
  /**
   * Whether each storage takes only as many requests a second as at Apify: 200 that read or write a record, and 60 others.
   *
   * @defaultValue false
   */
  readonly rates: boolean;
  /**
   * How many bytes of a body a client must send in each window, so that it does not hold its connection for ever.
   *
   * @defaultValue 30720
   */
  readonly uploadBytes: number;
  /**
   * Length of that window in milliseconds.
   *
   * @defaultValue 30000
   */
  readonly uploadWindowMillis: number;
  /**
   * How long a client may take to send a whole JSON body, in milliseconds.
   *
   * @defaultValue 300000
   */
  readonly jsonMillis: number;
  /**
   * How long a client may take to send the headers of a request, in milliseconds.
   *
   * @defaultValue 60000
   */
  readonly headersMillis: number;
  /**
   * How long a connection may rest between two requests, in milliseconds. Clients keep theirs for 15 seconds and more, and the
   * server must not be the first to close them.
   *
   * @defaultValue 75000
   */
  readonly idleMillis: number;
  /**
   * How many connections one address may have at a time; those beyond are closed at once. Behind a proxy, all have its address.
   *
   * @defaultValue 2000
   */
  readonly connectionsPerAddress: number;
}

/** The limits that are in force unless others are given. */
export const DEFAULT_LIMITS: ServerLimits = {
  jsonBytes: 9_437_184,
  recordBytes: Infinity,
  rates: false,
  uploadBytes: 30_720,
  uploadWindowMillis: 30_000,
  jsonMillis: 300_000,
  headersMillis: 60_000,
  idleMillis: 75_000,
  connectionsPerAddress: 2000,
};

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
   * Base URL of the links that the server gives out, such as `https://storage.example.com`; without query, fragment, user and
   * password.
   *
   * @defaultValue the address that the request came to
   */
  readonly publicUrl?: string | undefined;
  /**
   * Drops unnamed stores that nobody has used for so many days, while the server listens. Those that were not made through
   * the server are left alone, and so is what is in use.
   *
   * @defaultValue none is dropped
   */
  readonly retentionDays?: number | undefined;
  /** Is told of every request that was answered or refused, for an access log; of a streamed answer when it has ended. */
  readonly onRequest?: ((entry: AccessLogEntry) => void) | undefined;
  /** Is told of every failure inside the server, of which the client learns only that it happened, or that the answer broke off. */
  readonly onError?: ((error: unknown) => void) | undefined;
  /** Limits that differ from the defaults. */
  readonly limits?: Partial<ServerLimits> | undefined;
}
