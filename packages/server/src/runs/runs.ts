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

/** The runs of all users. */
export class Runs {
  readonly #data: ServerData;
  readonly #stores: Stores;

  constructor(data: ServerData, stores: Stores) {
    this.#data = data;
    this.#stores = stores;
  }

  /** Finds a run; `undefined` when there is none. */
  async find(id: string): Promise<Run | undefined> {
    return RUN_ID.test(id) ? this.#data.get<Run>(dataKey(id)) : undefined;
  }

  /**
   * Finds a run, or writes down a new one with a default store of its own: an Actor that is started elsewhere says its id, and
   * nobody has told the server of it. A run whose store is gone begins anew. `undefined` when the id cannot be one.
   */
  async open(user: User, id: string): Promise<Run | undefined> {
    const existing = await this.find(id);
    if (!RUN_ID.test(id) || (existing && !(await this.#isOver(existing, user)))) return existing;
    const store = await this.#stores.create(user);
    const startedAt = new Date().toISOString();
    const run: Run = { id, userId: user.id, startedAt, status: 'RUNNING', defaultKeyValueStoreId: store.id };
    if (existing) await this.#forget(existing);
    const written = await this.#data.create(dataKey(id), run);
    if (written.defaultKeyValueStoreId !== store.id) await this.#discard(store);
    return written;
  }

  /** Tells whether the store of a run was dropped, by a client or because nobody used it: an id may be used again after that. */
  async #isOver({ userId, defaultKeyValueStoreId }: Run, user: User): Promise<boolean> {
    return userId === user.id && (await this.#stores.findById(defaultKeyValueStoreId)) === undefined;
  }

  /** Forgets a run, unless another request has done that and begun it anew. */
  async #forget({ id, defaultKeyValueStoreId }: Run): Promise<void> {
    const stored = await this.find(id);
    if (stored?.defaultKeyValueStoreId === defaultKeyValueStoreId) await this.#data.delete(dataKey(id));
  }

  /** Drops the store of a request that came second: nobody would find it. */
  async #discard(store: Store): Promise<void> {
    await store.drop();
    this.#stores.forget(store.id);
  }

  /** Replaces what is known of a run. */
  async set(run: Run): Promise<void> {
    await this.#data.set(dataKey(run.id), { ...run, modifiedAt: new Date().toISOString() });
  }

  /** Tells when the runs of all users were heard of last, in ms since 1970, by the ids of their default stores. */
  async lastTimes(): Promise<ReadonlyMap<string, number>> {
    const runs = await this.#data.list<Run>('run.');
    return new Map(runs.map((run) => [run.defaultKeyValueStoreId, Date.parse(run.modifiedAt ?? run.startedAt)]));
  }

  /** Finds the last run of a user that has the status, if one is given. */
  async findLast(user: User, status?: string): Promise<Run | undefined> {
    const runs = await this.#data.list<Run>('run.');
    const candidates = runs.filter((run) => run.userId === user.id && (status ?? run.status) === run.status);
    return candidates.toSorted((a, b) => (a.startedAt < b.startedAt ? -1 : 1)).at(-1);
  }
}

function dataKey(id: string): string {
  return `run.${id}`;
}
