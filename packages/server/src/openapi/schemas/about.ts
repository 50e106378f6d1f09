import { objectSchema } from '../schema.js';
import type { Schema } from '../schema.js';

/** What a server says of itself. */
export const ABOUT: Schema = objectSchema({
  name: { type: 'string' },
  description: { type: 'string' },
  capabilities: objectSchema({
    conditionalWrites: { type: 'boolean', description: 'Whether writes understand `If-Match` and `If-None-Match: *`.' },
    numberedWrites: { type: 'boolean', description: 'Whether writes understand `X-KV-Write`.' },
  }),
  api: { type: 'string', format: 'uri' },
  openapi: { type: 'string', format: 'uri' },
  documentation: { type: 'string', format: 'uri' },
});
