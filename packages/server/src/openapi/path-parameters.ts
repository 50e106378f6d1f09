import { MAX_KEY_LENGTH } from '@kv/core';
import type { Schema } from './schema.js';

/** A parameter in the path of a route. */
export interface PathParameter {
  readonly description: string;
  readonly schema: Schema;
}

/** The parameters in paths, by name. */
export const PATH_PARAMETERS: Readonly<Record<string, PathParameter>> = {
  storeId: {
    description: 'Id of the store, `~name` for one of the user of the token, or `username~name`.',
    schema: { type: 'string', minLength: 1 },
  },
  key: {
    description: 'Key of the record. `.` and `..` cannot be reached by a URL.',
    schema: { type: 'string', minLength: 1, maxLength: MAX_KEY_LENGTH, pattern: "^[a-zA-Z0-9!\\-_.'()]+$" },
  },
  runId: {
    description: 'Id of the run.',
    schema: { type: 'string', minLength: 1, maxLength: 63, pattern: '^[a-zA-Z0-9][a-zA-Z0-9._-]*$' },
  },
  actorId: {
    description: 'Id of the Actor or task. The server knows of none, so that any will do.',
    schema: { type: 'string', minLength: 1 },
  },
  userId: { description: 'Id or name of the user.', schema: { type: 'string', minLength: 1 } },
};
