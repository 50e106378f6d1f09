import { MAX_STORAGE_NAME_LENGTH } from '@kv/core';
import { objectSchema, schemaRef } from '../schema.js';
import type { Schema } from '../schema.js';

/** What can be changed of a store. */
export const KEY_VALUE_STORE_CHANGES: Schema = objectSchema(
  {
    name: { type: ['string', 'null'], maxLength: MAX_STORAGE_NAME_LENGTH, description: '`null` takes the name away.' },
    title: { type: ['string', 'null'], description: '`null` takes the title away.' },
    generalAccess: schemaRef('GeneralAccess'),
  },
  { optional: ['name', 'title', 'generalAccess'] },
);
