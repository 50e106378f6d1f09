import { objectSchema } from '../schema.js';
import type { Schema } from '../schema.js';

const COLLECTION: Schema = objectSchema(
  {
    title: { type: 'string' },
    description: { type: 'string' },
    key: { type: 'string', description: 'The only key. Either this or `keyPrefix` is given.' },
    keyPrefix: { type: 'string', description: 'What all keys begin with.' },
    contentTypes: { type: 'array', items: { type: 'string' } },
    jsonSchema: {
      type: 'object',
      additionalProperties: true,
      description: 'What the records must satisfy. The only content type is `application/json` then.',
    },
  },
  { optional: ['description', 'key', 'keyPrefix', 'contentTypes', 'jsonSchema'] },
);

/** What a store says of its records. */
export const KEY_VALUE_STORE_SCHEMA: Schema = objectSchema({
  actorKeyValueStoreSchemaVersion: { type: 'integer', const: 1 },
  title: { type: 'string' },
  collections: { type: 'object', additionalProperties: COLLECTION, description: 'Families of records, by their ids.' },
});
