import type { Route, StoreRoute } from '../http/route.js';
import { locateStoreOfLastRun, locateStoreOfRun } from '../runs/locate-run-store.js';
import { STATUS } from '../runs/run-parameters.js';
import { createStore } from './create-store.js';
import { deleteRecord } from './delete-record.js';
import { getRecord } from './get-record.js';
import { getRecords } from './get-records.js';
import { listKeys } from './list-keys.js';
import { listStores } from './list-stores.js';
import { locateStore } from './locate-store.js';
import { putRecord } from './put-record.js';
import { DELETE_RECORD, GET_RECORD, GET_RECORDS, LIST_KEYS, POST_RECORD, PUT_RECORD } from './record-operations.js';
import { deleteStore, getStore, updateStore } from './store-handlers.js';
import { CREATE_STORE, DELETE_STORE, GET_STORE, LIST_STORES, UPDATE_STORE } from './store-operations.js';
import { inPlace } from './store-place.js';
import type { StorePlace } from './store-place.js';

const RECORD = '/records/:key';

/** What there is in a store. */
const STORE_ROUTES: readonly StoreRoute[] = [
  {
    method: 'GET',
    path: '',
    right: 'store-read',
    rate: 60,
    summary: 'Get a store',
    operation: GET_STORE,
    handle: getStore,
  },
  {
    method: 'PUT',
    path: '',
    right: 'store-manage',
    rate: 60,
    summary: 'Change name, title or access of a store',
    operation: UPDATE_STORE,
    handle: updateStore,
  },
  {
    method: 'DELETE',
    path: '',
    right: 'store-manage',
    rate: 60,
    summary: 'Delete a store',
    operation: DELETE_STORE,
    handle: deleteStore,
  },
  {
    method: 'GET',
    path: '/keys',
    right: 'store-read',
    link: 'content',
    rate: 60,
    summary: 'List the keys of a store',
    operation: LIST_KEYS,
    handle: listKeys,
  },
  {
    method: 'GET',
    path: '/records',
    right: 'store-read',
    link: 'content',
    rate: 60,
    summary: 'Download the records of a store as a ZIP archive',
    operation: GET_RECORDS,
    handle: getRecords,
  },
  {
    method: 'GET',
    path: RECORD,
    right: 'store-read',
    link: 'record',
    rate: 200,
    summary: 'Get a record',
    operation: GET_RECORD,
    handle: getRecord,
  },
  {
    method: 'PUT',
    path: RECORD,
    right: 'store-write',
    rate: 200,
    summary: 'Store a record',
    operation: PUT_RECORD,
    handle: putRecord,
  },
  {
    method: 'POST',
    path: RECORD,
    right: 'store-write',
    rate: 200,
    summary: 'Store a record',
    operation: POST_RECORD,
    handle: putRecord,
  },
  {
    method: 'DELETE',
    path: RECORD,
    right: 'store-write',
    rate: 200,
    summary: 'Delete a record',
    operation: DELETE_RECORD,
    handle: deleteRecord,
  },
];

/** Where a store is reachable. */
const PLACES: readonly StorePlace[] = [
  { prefix: '/v2/key-value-stores/:storeId', locate: locateStore },
  { prefix: '/v2/actor-runs/:runId/key-value-store', locate: locateStoreOfRun, of: { suffix: 'OfRun' } },
  ...[
    { kind: 'actors', suffix: 'OfLastActorRun' },
    { kind: 'acts', suffix: 'OfLastActRun' },
    { kind: 'actor-tasks', suffix: 'OfLastTaskRun' },
  ].map(({ kind, suffix }) => ({
    prefix: `/v2/${kind}/:actorId/runs/last/key-value-store`,
    locate: locateStoreOfLastRun,
    of: { suffix, parameters: [STATUS] },
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
    operation: LIST_STORES,
    handle: listStores,
  },
  {
    method: 'POST',
    path: '/v2/key-value-stores',
    right: 'account-open',
    rate: 60,
    summary: 'Open the store of a name, or create a store',
    operation: CREATE_STORE,
    handle: createStore,
  },
  ...PLACES.flatMap((place) => STORE_ROUTES.map((route) => inPlace(route, place))),
];
