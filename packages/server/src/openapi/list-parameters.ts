import type { Parameter } from './operation.js';

/** How many items a page has. */
export const LIMIT: Parameter = {
  name: 'limit',
  in: 'query',
  description: 'How many items the page has at most. Greater numbers mean 1,000, and so does 0.',
  schema: { type: 'integer', minimum: 0, maximum: 1000, default: 1000 },
};

/** How many items come before the page. */
export const OFFSET: Parameter = {
  name: 'offset',
  in: 'query',
  description: 'How many items to leave out at the beginning.',
  schema: { type: 'integer', minimum: 0, default: 0 },
};

/** Whether the order is turned round. */
export const DESC: Parameter = {
  name: 'desc',
  in: 'query',
  description: 'The newest first. `1` and `0` do as well.',
  schema: { type: 'boolean', default: false },
};
