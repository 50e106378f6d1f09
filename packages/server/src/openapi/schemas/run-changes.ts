import { objectSchema } from '../schema.js';
import type { Schema } from '../schema.js';

/** What can be changed of a run. */
export const RUN_CHANGES: Schema = objectSchema(
  {
    statusMessage: { type: 'string' },
    isStatusMessageTerminal: { type: 'boolean', description: 'Whether no other message follows.' },
  },
  { optional: ['statusMessage', 'isStatusMessageTerminal'] },
);
