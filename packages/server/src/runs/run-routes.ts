import type { Route } from '../http/route.js';
import { getRun, updateRun } from './run-handlers.js';

/** The rows of runs. */
export const runRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/v2/actor-runs/:runId',
    right: 'account-read',
    rate: 60,
    summary: 'Get a run',
    handle: getRun,
  },
  {
    method: 'PUT',
    path: '/v2/actor-runs/:runId',
    right: 'account-write',
    rate: 60,
    summary: 'Change the status message of a run',
    handle: updateRun,
  },
];
