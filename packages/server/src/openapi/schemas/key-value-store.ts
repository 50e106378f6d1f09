import { objectSchema, schemaRef } from '../schema.js';
import type { Schema } from '../schema.js';

const TIME: Schema = { type: 'string', format: 'date-time' };
const URL_TEXT: Schema = { type: 'string', format: 'uri' };

/** A key-value store. */
export const KEY_VALUE_STORE: Schema = objectSchema(
  {
    id: { type: 'string' },
    name: { type: ['string', 'null'], description: '`null` for a store without a name.' },
    userId: { type: 'string', description: 'Id of the owner.' },
    username: {
      type: ['string', 'null'],
      description: 'Name of the owner; `null` when there is no such user any more.',
    },
    title: { type: 'string' },
    createdAt: TIME,
    modifiedAt: TIME,
    accessedAt: TIME,
    actId: { type: ['string', 'null'], description: 'Always `null`: the server knows of no Actors.' },
    actRunId: { type: ['string', 'null'], description: 'Always `null`.' },
    generalAccess: schemaRef('GeneralAccess'),
    schema: {
      type: ['object', 'null'],
      additionalProperties: true,
      description: 'The schema that the store was created with.',
    },
    keysPublicUrl: { ...URL_TEXT, description: 'Link to the keys, signed for 14 days for those who may write.' },
    recordsPublicUrl: { ...URL_TEXT, description: 'Link to all records, signed in the same way.' },
    stats: { type: 'object', additionalProperties: true, description: 'Always empty: nothing is counted.' },
    urlSigningSecretKey: { type: 'string', description: 'The key that signs links; only for those who may write.' },
  },
  { optional: ['title', 'urlSigningSecretKey'] },
);
