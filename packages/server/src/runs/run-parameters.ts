import type { Parameter } from '../openapi/operation.js';

/** Which of the runs the last one is. */
export const STATUS: Parameter = {
  name: 'status',
  in: 'query',
  description: 'The last run that has this status.',
  schema: { type: 'string' },
};
