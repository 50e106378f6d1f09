import type { Parameter } from './operation.js';

/** How the body of a request is compressed; all bodies may be. */
export const CONTENT_ENCODING: Parameter = {
  name: 'Content-Encoding',
  in: 'header',
  description: 'How the body is compressed.',
  schema: { type: 'string', enum: ['gzip', 'br', 'deflate', 'identity'], default: 'identity' },
};
