import { dataResponse, jsonContent } from '../openapi/json-response.js';
import { LIMIT } from '../openapi/list-parameters.js';
import type { Content, Operation, ResponseHeader } from '../openapi/operation.js';
import { alwaysSent, LOCATION } from '../openapi/response-headers.js';
import { objectSchema } from '../openapi/schema.js';
import { COLLECTION, EXCLUSIVE_START_KEY, PREFIX } from './key-parameters.js';
import { READ_CONDITIONS, WRITE_CONDITIONS } from './record-conditions.js';

const TAG = 'Records';
const ANYTHING: Content = { '*/*': { schema: { type: 'string', format: 'binary' } } };

/** What a stored value is always sent with. */
const VALUE_HEADERS: Readonly<Record<string, ResponseHeader>> = {
  ETag: alwaysSent('Version of the record, in the coding in which it is sent.'),
  'Last-Modified': alwaysSent('When the record was stored.'),
  'Cache-Control': alwaysSent('A record may change at any time, and is compared by its `ETag`.'),
  'Accept-Ranges': { description: '`bytes`, unless the value is sent in a coding.', schema: { type: 'string' } },
  'Content-Disposition': {
    description: 'Makes browsers save what they must not show, or what `attachment` asks for.',
    schema: { type: 'string' },
  },
};

/** `GET` of the keys of a store. */
export const LIST_KEYS: Operation = {
  id: 'listKeys',
  tag: TAG,
  description: 'In the order of their bytes.',
  parameters: [EXCLUSIVE_START_KEY, LIMIT, PREFIX, COLLECTION],
  responses: { 200: dataResponse('A page of keys.', 'ListOfKeys') },
};

/** `GET` of all records of a store. */
export const GET_RECORDS: Operation = {
  id: 'getRecords',
  tag: TAG,
  parameters: [PREFIX, COLLECTION],
  responses: {
    200: {
      description: 'An archive with one file for each record, made while it is sent.',
      headers: { 'Content-Disposition': alwaysSent('Name of the file.') },
      content: { 'application/zip': { schema: { type: 'string', format: 'binary' } } },
    },
  },
};

/** `GET` of a record. */
export const GET_RECORD: Operation = {
  id: 'getRecord',
  tag: TAG,
  parameters: [
    {
      name: 'attachment',
      in: 'query',
      description: 'Makes browsers save the value. `1` and `0` do as well.',
      schema: { type: 'boolean', default: false },
    },
    ...READ_CONDITIONS,
  ],
  responses: {
    200: {
      description: 'The value, under the content type that it was stored with.',
      headers: {
        ...VALUE_HEADERS,
        'Content-Encoding': { description: 'How the value is compressed.', schema: { type: 'string' } },
      },
      content: ANYTHING,
    },
    206: {
      description: 'The bytes that `Range` asks for.',
      headers: { ...VALUE_HEADERS, 'Content-Range': alwaysSent('Which bytes these are, and of how many.') },
      content: ANYTHING,
    },
    304: { description: 'The client has this version already.', headers: VALUE_HEADERS },
  },
  errors: [406, 412, 416],
};

/** `PUT` of a record. */
export const PUT_RECORD: Operation = {
  id: 'putRecord',
  tag: TAG,
  description: 'A record that is there already is replaced.',
  parameters: WRITE_CONDITIONS,
  body: {
    description: 'The value, of any content type; `application/octet-stream` when none is stated.',
    content: ANYTHING,
  },
  responses: {
    201: {
      description: 'The record is stored.',
      headers: { Location: LOCATION },
      content: jsonContent(objectSchema({})),
    },
  },
  errors: [412],
};

/** `POST` of a record, for clients that cannot send `PUT`. */
export const POST_RECORD: Operation = { ...PUT_RECORD, id: 'postRecord' };

/** `DELETE` of a record. */
export const DELETE_RECORD: Operation = {
  id: 'deleteRecord',
  tag: TAG,
  description: 'A record that is not there is as good as deleted.',
  parameters: WRITE_CONDITIONS,
  responses: { 204: { description: 'There is no such record any more.' } },
  errors: [412],
};
