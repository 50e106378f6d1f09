import { MAX_KEY_LENGTH } from '@kv/core';
import type { Parameter } from '../openapi/operation.js';

/** Where a page of keys begins. */
export const EXCLUSIVE_START_KEY: Parameter = {
  name: 'exclusiveStartKey',
  in: 'query',
  description: 'Only keys after this one.',
  schema: { type: 'string', maxLength: MAX_KEY_LENGTH },
};

/** What keys begin with. */
export const PREFIX: Parameter = {
  name: 'prefix',
  in: 'query',
  description: 'Only keys that begin with this.',
  schema: { type: 'string', maxLength: MAX_KEY_LENGTH },
};

/** Which family of keys. */
export const COLLECTION: Parameter = {
  name: 'collection',
  in: 'query',
  description: 'Only keys of this collection of the schema of the store.',
  schema: { type: 'string' },
};
