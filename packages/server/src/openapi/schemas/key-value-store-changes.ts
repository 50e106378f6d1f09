import { MAX_STORAGE_NAME_LENGTH } from '@kv/core';
import { GENERAL_ACCESS } from '../../access/general-access.js';
import { objectSchema } from '../schema.js';
import type { Schema } from '../schema.js';

/** What can be changed of a store. */
export const KEY_VALUE_STORE_CHANGES: Schema = objectSchema(
  {
    name: { type: ['string', 'null'], maxLength: MAX_STORAGE_NAME_LENGTH, description: '`null` takes the name away.' },
    title: { type: ['string', 'null'], description: '`null` takes the title away.' },
    generalAccess: {
      type: ['string', 'null'],
      enum: [...GENERAL_ACCESS, null],
      description: 'Who may read without a token of the owner. `null` means `FOLLOW_USER_SETTING`.',
    },
  },
  { optional: ['name', 'title', 'generalAccess'] },
);
