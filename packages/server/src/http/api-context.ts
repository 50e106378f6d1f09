import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';
import type { Identity } from '../access/identity.js';
import type { Store } from '../key-value-stores/store.js';
import type { ServerContext } from '../server-context.js';

/** The store that a request is about, and what the one who asks may do with it. */
export interface StoreTarget {
  readonly store: Store;
  /** Whether the one who asks may change the store. */
  readonly canWrite: boolean;
  /** Whether anyone may read the store, or this URL of it. */
  readonly isOpen: boolean;
}

/** What a handler finds in its context. */
export interface ApiEnv {
  Bindings: Partial<HttpBindings>;
  Variables: {
    server: ServerContext;
    /** Who asks; `undefined` for a request without a token. */
    identity: Identity | undefined;
    /** Set on routes of a store, once it is found. */
    target: StoreTarget;
    /** Requests per second that the route allows, where limits are on. */
    rateLimit: number | undefined;
    /** Whether the body of the answer is a stream. */
    isStreamed: boolean | undefined;
    /** Path of the route, for metrics; `undefined` when there is none. */
    routePath: string | undefined;
  };
}

/** The context of a handler. */
export type ApiContext = Context<ApiEnv>;
