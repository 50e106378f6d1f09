import type { User } from '../access/users.js';
import type { ServerData } from '../data/server-data.js';
import type { Store } from '../key-value-stores/store.js';
import type { Stores } from '../key-value-stores/stores.js';

const RUN_ID = /^[a-zA-Z0-9][a-zA-Z0-9._-]{0,62}$/;

/** What the server knows of a run of an Actor, which it does not run itself. */
export interface Run {
  readonly id: string;
  readonly userId: string;
  /** In ISO 8601. */
  readonly startedAt: string;
  /** When the run said something last, in ISO 8601. */
  readonly modifiedAt?: string;
  readonly status: string;
  readonly statusMessage?: string;
  readonly isStatusMessageTerminal?: boolean;
  readonly defaultKeyValueStoreId: string;
}

/** The runs of all users. Each user has runs of their own, even where two use one id. */
export class Runs {
  readonly #data: ServerData;
  readonly #stores: Stores;

  constructor(data: ServerData, stores: Stores) {
    this.#data = data;
    this.#stores = stores;
  }

  /** Finds the run of a user; `undefined` when there is none. */
  async find(user: User, id: string): Promise<Run | undefined> {
    return RUN_ID.test(id) ? this.#data.get<Run>(dataKey(id, user.id)) : undefined;
  }

  /** Finds a run of whichever user, of several the oldest. */
  async findOfAnyone(id: string): Promise<Run | undefined> {
    const runs = RUN_ID.test(id) ? await this.#data.list<Run>(dataKey(id, '')) : [];
    return runs.toSorted((a, b) => (a.startedAt < b.startedAt ? -1 : 1))[0];
  }

  /**
   * Finds a run, or writes down a new one with a default store of its own: an Actor that is started elsewhere says its id, and
   * nobody has told the server of it. A run whose store is gone begins anew. `undefined` when the id cannot be one.
   */
  async open(user: User, id: string): Promise<Run | undefined> {
    if (!RUN_ID.test(id)) return undefined;
    const existing = await this.find(user, id);
    if (existing && (await this.#stores.findById(existing.defaultKeyValueStoreId))) return existing;
    if (existing) await this.forget(existing);
    const store = await this.#stores.create(user);
    const startedAt = new Date().toISOString();
    const run: Run = { id, userId: user.id, startedAt, status: 'RUNNING', defaultKeyValueStoreId: store.id };
    const written = await this.#data.create(dataKey(id, user.id), run);
    if (written.defaultKeyValueStoreId === store.id) await this.#data.set(lastKey(user.id), { id });
    else await this.#discard(store);
    return written;
  }

  /** Forgets a run whose store is gone, unless another request has done that and begun it anew. */
  async forget({ id, userId, defaultKeyValueStoreId }: Run): Promise<void> {
    const key = dataKey(id, userId);
    const stored = await this.#data.get<Run>(key);
    if (stored?.defaultKeyValueStoreId === defaultKeyValueStoreId) await this.#data.delete(key);
  }

  /** Drops the store of a request that came second: nobody would find it. */
  async #discard(store: Store): Promise<void> {
    await store.drop();
    this.#stores.forget(store.id);
  }

  /** Replaces what is known of a run. */
  async set(run: Run): Promise<void> {
    await this.#data.set(dataKey(run.id, run.userId), { ...run, modifiedAt: new Date().toISOString() });
  }

  /** Lists the runs of all users. */
  async list(): Promise<readonly Run[]> {
    return this.#data.list<Run>('run.');
  }

  /** Finds the last run of a user; `undefined` when it has not the status that is given. */
  async findLast(user: User, status?: string): Promise<Run | undefined> {
    const last = await this.#data.get<Pick<Run, 'id'>>(lastKey(user.id));
    const run = last && (await this.find(user, last.id));
    return run && (status ?? run.status) === run.status ? run : undefined;
  }
}

/** No id of a run has an exclamation mark. */
function dataKey(id: string, userId: string): string {
  return `run.${id}!${userId}`;
}

function lastKey(userId: string): string {
  return `last-run.${userId}`;
}
