import { jsonContent } from '../openapi/json-response.js';
import type { Operation } from '../openapi/operation.js';
import { objectSchema, schemaRef } from '../openapi/schema.js';

const TAG = 'Server';

/** `GET /` */
export const GET_ABOUT: Operation = {
  id: 'getAbout',
  tag: TAG,
  responses: { 200: { description: 'What the server is, and what it can.', content: jsonContent(schemaRef('About')) } },
};

/** `GET /health` */
export const GET_HEALTH: Operation = {
  id: 'getHealth',
  tag: TAG,
  responses: {
    200: {
      description: 'The data can be reached.',
      content: jsonContent(objectSchema({ status: { type: 'string', const: 'ok' } })),
    },
  },
  errors: [403, 409],
};

/** `GET /metrics` */
export const GET_METRICS: Operation = {
  id: 'getMetrics',
  tag: TAG,
  responses: {
    200: { description: 'A page that Prometheus reads.', content: { 'text/plain': { schema: { type: 'string' } } } },
  },
};

/** `GET /v2/openapi.json` */
export const GET_OPENAPI: Operation = {
  id: 'getOpenApi',
  tag: TAG,
  responses: {
    200: {
      description: 'A document of OpenAPI.',
      content: jsonContent({ type: 'object', additionalProperties: true }),
    },
  },
};
