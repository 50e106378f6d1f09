import { objectSchema, schemaRef } from '../schema.js';
import type { Schema } from '../schema.js';

/** A page of stores. */
export const KEY_VALUE_STORE_LIST: Schema = objectSchema({
  total: { type: 'integer', minimum: 0, description: 'How many stores there are on all pages.' },
  offset: { type: 'integer', minimum: 0 },
  limit: { type: 'integer', minimum: 1, maximum: 1000 },
  count: { type: 'integer', minimum: 0, description: 'How many stores this page has.' },
  desc: { type: 'boolean' },
  unnamed: { type: 'boolean' },
  items: { type: 'array', items: schemaRef('KeyValueStore') },
});
