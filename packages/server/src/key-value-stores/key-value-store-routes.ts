import type { LocateStore, Route, StoreRoute } from '../http/route.js';
import { locateStoreOfLastRun, locateStoreOfRun } from '../runs/locate-run-store.js';
import { createStore } from './create-store.js';
import { deleteRecord } from './delete-record.js';
import { getRecord } from './get-record.js';
import { getRecords } from './get-records.js';
import { listKeys } from './list-keys.js';
import { listStores } from './list-stores.js';
import { locateStore } from './locate-store.js';
import { putRecord } from './put-record.js';
import { deleteStore, getStore, updateStore } from './store-handlers.js';

const RECORD = '/records/:key';

/** What there is in a store. */
const STORE_ROUTES: readonly StoreRoute[] = [
  { method: 'GET', path: '', right: 'store-read', rate: 60, handle: getStore },
  { method: 'PUT', path: '', right: 'store-write', rate: 60, handle: updateStore },
  { method: 'DELETE', path: '', right: 'store-write', rate: 60, handle: deleteStore },
  { method: 'GET', path: '/keys', right: 'store-read', link: 'content', rate: 60, handle: listKeys },
  { method: 'GET', path: '/records', right: 'store-read', link: 'content', rate: 60, handle: getRecords },
  { method: 'GET', path: RECORD, right: 'store-read', link: 'record', rate: 200, handle: getRecord },
  { method: 'PUT', path: RECORD, right: 'store-write', rate: 200, handle: putRecord },
  { method: 'POST', path: RECORD, right: 'store-write', rate: 200, handle: putRecord },
  { method: 'DELETE', path: RECORD, right: 'store-write', rate: 200, handle: deleteRecord },
];

/** Where a store is reachable. */
const PREFIXES: readonly { readonly prefix: string; readonly locate: LocateStore }[] = [
  { prefix: '/v2/key-value-stores/:storeId', locate: locateStore },
  { prefix: '/v2/actor-runs/:runId/key-value-store', locate: locateStoreOfRun },
  ...['actors', 'acts', 'actor-tasks'].map((kind) => ({
    prefix: `/v2/${kind}/:actorId/runs/last/key-value-store`,
    locate: locateStoreOfLastRun,
  })),
];

/** The rows of key-value stores. */
export const keyValueStoreRoutes: readonly Route[] = [
  { method: 'GET', path: '/v2/key-value-stores', right: 'account-read', rate: 60, handle: listStores },
  { method: 'POST', path: '/v2/key-value-stores', right: 'account-write', rate: 60, handle: createStore },
  ...PREFIXES.flatMap(({ prefix, locate }) =>
    STORE_ROUTES.map((route): Route => ({ ...route, path: prefix + route.path, locate })),
  ),
];
