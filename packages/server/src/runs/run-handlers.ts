import { requireIdentity } from '../access/authenticate.js';
import { mayCreate, reaches } from '../access/identity.js';
import type { ApiContext } from '../http/api-context.js';
import { ApiError } from '../http/api-error.js';
import { readJsonObject } from '../http/request-body.js';
import { respondJson } from '../http/respond.js';
import type { Run } from './runs.js';

/** `GET /actor-runs/:runId`: a run that is not known yet is written down, when the token may write. */
export async function getRun(c: ApiContext): Promise<Response> {
  return respondJson(c, { data: runObject(await openRun(c)) });
}

/** `PUT /actor-runs/:runId`: changes the status message. */
export async function updateRun(c: ApiContext): Promise<Response> {
  const run = await openRun(c);
  const { statusMessage, isStatusMessageTerminal } = (await readJsonObject(c)) ?? {};
  const changed: Run = {
    ...run,
    ...(typeof statusMessage === 'string' && { statusMessage }),
    ...(typeof isStatusMessageTerminal === 'boolean' && { isStatusMessageTerminal }),
  };
  await c.get('server').runs.set(changed);
  return respondJson(c, { data: runObject(changed) });
}

async function openRun(c: ApiContext): Promise<Run> {
  const { runs } = c.get('server');
  const identity = requireIdentity(c);
  const { user } = identity;
  const id = c.req.param('runId') ?? '';
  const run = mayCreate(identity) ? await runs.open(user, id) : await runs.find(user, id);
  if (run && reaches(identity, run.defaultKeyValueStoreId)) return run;
  throw new ApiError(404, 'record-not-found', 'Actor run was not found');
}

/** Describes a run as the API does. What only a platform knows has the values of a run without limits. */
function runObject(run: Run): object {
  return {
    ...run,
    actId: '',
    buildId: '',
    meta: { origin: 'API' },
    stats: {},
    options: { build: 'latest', timeoutSecs: 0, memoryMbytes: 1024, diskMbytes: 2048 },
    generalAccess: 'FOLLOW_USER_SETTING',
    defaultDatasetId: '',
    defaultRequestQueueId: '',
    storageIds: { keyValueStores: { default: run.defaultKeyValueStoreId }, datasets: {}, requestQueues: {} },
  };
}
