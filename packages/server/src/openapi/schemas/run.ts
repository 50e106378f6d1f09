import { objectSchema, schemaRef } from '../schema.js';
import type { Schema } from '../schema.js';

const UNKNOWN_ID: Schema = { type: 'string', description: 'Always empty: the server knows of none.' };
const IDS: Schema = { type: 'object', additionalProperties: { type: 'string' } };

/** A run of an Actor. What only a platform knows has the values of a run without limits. */
export const RUN: Schema = objectSchema(
  {
    id: { type: 'string' },
    userId: { type: 'string' },
    startedAt: { type: 'string', format: 'date-time', description: 'When the server heard of the run.' },
    modifiedAt: { type: 'string', format: 'date-time', description: 'When the run said something last.' },
    status: { type: 'string' },
    statusMessage: { type: 'string' },
    isStatusMessageTerminal: { type: 'boolean' },
    defaultKeyValueStoreId: { type: 'string' },
    defaultDatasetId: UNKNOWN_ID,
    defaultRequestQueueId: UNKNOWN_ID,
    storageIds: objectSchema({ keyValueStores: IDS, datasets: IDS, requestQueues: IDS }),
    actId: UNKNOWN_ID,
    buildId: UNKNOWN_ID,
    meta: objectSchema({ origin: { type: 'string' } }),
    stats: { type: 'object', additionalProperties: true, description: 'Always empty: nothing is counted.' },
    options: objectSchema({
      build: { type: 'string' },
      timeoutSecs: { type: 'integer' },
      memoryMbytes: { type: 'integer' },
      diskMbytes: { type: 'integer' },
    }),
    generalAccess: schemaRef('GeneralAccess'),
  },
  { optional: ['modifiedAt', 'statusMessage', 'isStatusMessageTerminal'] },
);
