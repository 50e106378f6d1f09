import { dataResponse, jsonContent } from '../openapi/json-response.js';
import type { Operation } from '../openapi/operation.js';
import { schemaRef } from '../openapi/schema.js';

const TAG = 'Runs';
const UNKNOWN_RUN =
  'A run that the server does not know yet is written down, with a default store, when the token may write.';

/** `GET /v2/actor-runs/:runId` */
export const GET_RUN: Operation = {
  id: 'getRun',
  tag: TAG,
  description: UNKNOWN_RUN,
  responses: { 200: dataResponse('The run.', 'Run') },
  errors: [404, 507],
};

/** `PUT /v2/actor-runs/:runId` */
export const UPDATE_RUN: Operation = {
  id: 'updateRun',
  tag: TAG,
  description: UNKNOWN_RUN,
  body: { description: 'What is to change.', content: jsonContent(schemaRef('RunChanges')) },
  responses: { 200: dataResponse('The changed run.', 'Run') },
  errors: [404, 408, 507],
};
