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
  { method: 'GET', path: '', right: 'store-read', rate: 60, summary: 'Get a store', handle: getStore },
  {
    method: 'PUT',
    path: '',
    right: 'store-manage',
    rate: 60,
    summary: 'Change name, title or access of a store',
    handle: updateStore,
  },
  { method: 'DELETE', path: '', right: 'store-manage', rate: 60, summary: 'Delete a store', handle: deleteStore },
  {
    method: 'GET',
    path: '/keys',
    right: 'store-read',
    link: 'content',
    rate: 60,
    summary: 'List the keys of a store',
    handle: listKeys,
  },
  {
    method: 'GET',
    path: '/records',
    right: 'store-read',
    link: 'content',
    rate: 60,
    summary: 'Download the records of a store as a ZIP archive',
    handle: getRecords,
  },
  {
    method: 'GET',
    path: RECORD,
    right: 'store-read',
    link: 'record',
    rate: 200,
    summary: 'Get a record',
    handle: getRecord,
  },
  { method: 'PUT', path: RECORD, right: 'store-write', rate: 200, summary: 'Store a record', handle: putRecord },
  { method: 'POST', path: RECORD, right: 'store-write', rate: 200, summary: 'Store a record', handle: putRecord },
  { method: 'DELETE', path: RECORD, right: 'store-write', rate: 200, summary: 'Delete a record', handle: deleteRecord },
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
  {
    method: 'GET',
    path: '/v2/key-value-stores',
    right: 'account-read',
    rate: 60,
    summary: 'List the stores of the user',
    handle: listStores,
  },
  {
    method: 'POST',
    path: '/v2/key-value-stores',
    right: 'account-write',
    rate: 60,
    summary: 'Open the store of a name, or create a store',
    handle: createStore,
  },
  ...PREFIXES.flatMap(({ prefix, locate }) =>
    STORE_ROUTES.map((route): Route => ({ ...route, path: prefix + route.path, locate })),
  ),
];
