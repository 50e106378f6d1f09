import type { Route } from '../http/route.js';
import { getRun, updateRun } from './run-handlers.js';
import { GET_RUN, UPDATE_RUN } from './run-operations.js';

/** The rows of runs. */
export const runRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/v2/actor-runs/:runId',
    right: 'account-read',
    rate: 60,
    summary: 'Get a run',
    operation: GET_RUN,
    handle: getRun,
  },
  {
    method: 'PUT',
    path: '/v2/actor-runs/:runId',
    right: 'account-write',
    rate: 60,
    summary: 'Change the status message of a run',
    operation: UPDATE_RUN,
    handle: updateRun,
  },
];
