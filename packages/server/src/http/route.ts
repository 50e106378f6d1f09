import type { Identity } from '../access/identity.js';
import type { FoundStore } from '../key-value-stores/stores.js';
import type { Operation } from '../openapi/operation.js';
import type { ApiContext } from './api-context.js';

/**
 * What a request needs:
 *
 * - `public`: nothing
 * - `server-read`: a token of the first user, for all of its stores: what is read is of all users
 * - `account-read`, `account-write`: a token, with the right to write, for all stores of its user
 * - `account-open`: a token; one that may not create opens what there is already, as far as it may read that
 * - `store-read`, `store-write`, `store-manage`: the same for the store of the route, which may be open to readers without a
 *   token; managing is to change and to delete the store itself
 */
export type Right =
  | 'public'
  | 'server-read'
  | 'account-read'
  | 'account-write'
  | 'account-open'
  | 'store-read'
  | 'store-write'
  | 'store-manage';

/** Which kind of signed link stands for the right to read: one of the whole store, or one of a record. */
export type LinkKind = 'content' | 'record';

/** Finds the store that a request names; at once where it is known. */
export type LocateStore = (
  c: ApiContext,
  identity: Identity | undefined,
) => FoundStore | undefined | Promise<FoundStore | undefined>;

/** One row of the route table. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Path as Hono writes it. */
  readonly path: string;
  readonly right: Right;
  /** What it does, in a few words. */
  readonly summary: string;
  /** What clients are told of it besides. */
  readonly operation: Operation;
  /** Finds the store; on routes with a right to a store. */
  readonly locate?: LocateStore;
  /** Which signed link is accepted in place of a token. */
  readonly link?: LinkKind;
  /** Requests per second and storage, when limits are on. */
  readonly rate: number;
  /** Answers; `HEAD` comes to the handler of `GET`. */
  readonly handle: (c: ApiContext) => Response | Promise<Response>;
}

/** A row for something inside a store, which is reachable under several prefixes. */
export type StoreRoute = Omit<Route, 'locate'>;
