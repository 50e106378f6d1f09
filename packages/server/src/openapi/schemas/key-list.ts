import { objectSchema } from '../schema.js';
import type { Schema } from '../schema.js';

const KEY: Schema = objectSchema({
  key: { type: 'string' },
  size: { type: 'integer', minimum: 0, description: 'Size of the value in bytes.' },
  recordPublicUrl: { type: 'string', format: 'uri', description: 'Link to the record, signed where it has to be.' },
});

/** A page of keys. */
export const KEY_LIST: Schema = objectSchema({
  items: { type: 'array', items: KEY },
  count: { type: 'integer', minimum: 0, description: 'How many keys this page has.' },
  limit: { type: 'integer', minimum: 1, maximum: 1000 },
  isTruncated: { type: 'boolean', description: 'Whether there are more keys.' },
  exclusiveStartKey: { type: ['string', 'null'], description: 'As it was asked for.' },
  nextExclusiveStartKey: {
    type: ['string', 'null'],
    description: 'The `exclusiveStartKey` of the next page; `null` on the last one.',
  },
});
