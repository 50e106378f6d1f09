import { mayCreate } from '../access/identity.js';
import type { Identity } from '../access/identity.js';
import type { ApiContext } from '../http/api-context.js';
import type { FoundStore } from '../key-value-stores/stores.js';
import type { Run } from './runs.js';

/** Finds the default store of the run that a path names. The id of a run opens what the id of the store would. */
export async function locateStoreOfRun(c: ApiContext, identity: Identity | undefined): Promise<FoundStore | undefined> {
  const { runs } = c.get('server');
  const id = c.req.param('runId') ?? '';
  if (identity && mayCreate(identity)) return storeOf(c, await runs.open(identity.user, id), 'id');
  const own = identity && (await runs.find(identity.user, id));
  const run = own ?? (await runs.findOfAnyone(id));
  return storeOf(c, run, 'id');
}

/**
 * Finds the default store of the last run of the one who asks. The server knows of no Actors and tasks, so that all runs are
 * those of any. `last` is no secret, and opens no more than a name would.
 */
export async function locateStoreOfLastRun(
  c: ApiContext,
  identity: Identity | undefined,
): Promise<FoundStore | undefined> {
  const run = identity && (await c.get('server').runs.findLast(identity.user, c.req.query('status')));
  return storeOf(c, run, 'name');
}

async function storeOf(c: ApiContext, run: Run | undefined, by: FoundStore['by']): Promise<FoundStore | undefined> {
  const store = run && (await c.get('server').stores.findById(run.defaultKeyValueStoreId));
  return store && { store, by };
}
