import { MAX_STORAGE_NAME_LENGTH } from '@kv/core';
import { dataResponse, jsonContent } from '../openapi/json-response.js';
import { DESC, LIMIT, OFFSET } from '../openapi/list-parameters.js';
import type { Operation } from '../openapi/operation.js';
import { LOCATION, PAGINATION_HEADERS } from '../openapi/response-headers.js';
import { objectSchema, schemaRef } from '../openapi/schema.js';

const TAG = 'Key-value stores';

/** `GET /v2/key-value-stores` */
export const LIST_STORES: Operation = {
  id: 'listStores',
  tag: TAG,
  description: 'By creation time, the oldest first.',
  parameters: [
    OFFSET,
    LIMIT,
    DESC,
    {
      name: 'unnamed',
      in: 'query',
      description: 'Also the stores without a name. `1` and `0` do as well.',
      schema: { type: 'boolean', default: false },
    },
    {
      name: 'ownership',
      in: 'query',
      description: 'Whose stores. Nothing can be shared with single users yet, so that `sharedWithMe` finds none.',
      schema: { type: 'string', enum: ['ownedByMe', 'sharedWithMe'], default: 'ownedByMe' },
    },
  ],
  responses: { 200: dataResponse('A page of stores.', 'ListOfKeyValueStores', PAGINATION_HEADERS) },
};

/** `POST /v2/key-value-stores` */
export const CREATE_STORE: Operation = {
  id: 'createStore',
  tag: TAG,
  description: 'A token that may not create stores opens the one of the name, if it may read that.',
  parameters: [
    {
      name: 'name',
      in: 'query',
      description: 'Name of the store. Without it, a new store without a name is created.',
      schema: {
        type: 'string',
        maxLength: MAX_STORAGE_NAME_LENGTH,
        pattern: '^[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?$',
      },
    },
  ],
  body: {
    description: 'Nothing, or the schema of a new store.',
    content: jsonContent(objectSchema({ schema: schemaRef('KeyValueStoreSchema') }, { optional: ['schema'] })),
  },
  responses: {
    200: dataResponse('The store, which was there before.', 'KeyValueStore'),
    201: dataResponse('The new store.', 'KeyValueStore', { Location: LOCATION }),
  },
  errors: [408, 507],
};

/** `GET` of a store. */
export const GET_STORE: Operation = {
  id: 'getStore',
  tag: TAG,
  responses: { 200: dataResponse('The store.', 'KeyValueStore') },
};

/** `PUT` of a store. */
export const UPDATE_STORE: Operation = {
  id: 'updateStore',
  tag: TAG,
  description: 'What is not in the body stays as it is.',
  body: { description: 'What is to change.', content: jsonContent(schemaRef('KeyValueStoreChanges')) },
  responses: { 200: dataResponse('The changed store.', 'KeyValueStore') },
  errors: [408],
};

/** `DELETE` of a store. */
export const DELETE_STORE: Operation = {
  id: 'deleteStore',
  tag: TAG,
  description: 'With all of its records.',
  responses: { 204: { description: 'The store is deleted.' } },
};
