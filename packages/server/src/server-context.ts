import type { StorageCapabilities } from '@kv/core';
import type { DefaultAccess } from './access/general-access.js';
import type { Tokens } from './access/tokens.js';
import type { User, Users } from './access/users.js';
import type { Metrics } from './http/metrics.js';
import type { AccessLogEntry } from './http/report.js';
import type { RateLimiter } from './http/rate-limiter.js';
import type { Stores } from './key-value-stores/stores.js';
import type { WriteOrder } from './key-value-stores/write-order.js';
import type { StoreUse } from './retention/store-use.js';
import type { Runs } from './runs/runs.js';
import type { ServerLimits } from './server-options.js';

/** What the handlers of all requests share. */
export interface ServerContext {
  readonly capabilities: StorageCapabilities;
  readonly users: Users;
  readonly tokens: Tokens;
  readonly stores: Stores;
  readonly writeOrder: WriteOrder;
  /** Absent when stores are kept for ever. */
  readonly use: StoreUse | undefined;
  readonly runs: Runs;
  readonly defaultAccess: DefaultAccess;
  readonly limits: ServerLimits;
  /** Absent when there are no rate limits. */
  readonly rateLimiter: RateLimiter | undefined;
  readonly metrics: Metrics;
  readonly log: ((entry: AccessLogEntry) => void) | undefined;
  /** Is told of what goes wrong inside. */
  readonly onError: (error: unknown) => void;
  /** The user that a request without a token acts as; `undefined` where tokens are required. */
  readonly openAs: User | undefined;
  /** Base URL of links; `undefined` for the one that the client has used. */
  readonly publicUrl: string | undefined;
  /** Asks the backend for something, and fails when it does not answer. */
  readonly probe: () => Promise<unknown>;
  /** Gives the key that signs the links of a storage. */
  readonly signingKey: (storageId: string) => string;
}
