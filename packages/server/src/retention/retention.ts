import type { KeyValueStoreInfo, StorageBackend } from '@kv/core';
import { hasName, parseBackendName } from '../key-value-stores/backend-name.js';
import type { Stores } from '../key-value-stores/stores.js';
import type { Run, Runs } from '../runs/runs.js';
import type { StoreUse } from './store-use.js';

const HOUR_MILLIS = 60 * 60 * 1000;

/** Options of {@link Retention}. */
export interface RetentionOptions {
  readonly days: number;
  readonly backend: StorageBackend;
  readonly stores: Stores;
  readonly runs: Runs;
  readonly use: StoreUse;
  readonly onError: (error: unknown) => void;
}

/**
 * Drops unnamed stores that were not used for long, and forgets runs whose stores are gone. Stores that were not made through the
 * server are none of its business.
 */
export class Retention {
  readonly #options: RetentionOptions;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: RetentionOptions) {
    this.#options = options;
  }

  /** Looks for such stores now and every hour. */
  start(): void {
    const sweep = (): void => void this.sweep().catch(this.#options.onError);
    this.#timer = setInterval(sweep, HOUR_MILLIS);
    this.#timer.unref();
    sweep();
  }

  /** Ends that. */
  stop(): void {
    clearInterval(this.#timer);
  }

  /** Drops them; gives the ids of those that were dropped. */
  async sweep(): Promise<readonly string[]> {
    const { backend, days } = this.#options;
    const limit = Date.now() - days * 24 * HOUR_MILLIS;
    // Before the stores: the store of a run is there before the run.
    const runs = await this.#options.runs.list();
    const runTimes = new Map(runs.map((run) => [run.defaultKeyValueStoreId, timeOf(run)]));
    const dropped: string[] = [];
    const kept = new Set<string>();
    for (const info of await backend.listKeyValueStores()) {
      const isDropped =
        mayBeDropped(info) && (await this.#lastUse(info, runTimes)) < limit && (await this.#drop(info.id));
      if (isDropped) dropped.push(info.id);
      else kept.add(info.id);
    }
    for (const run of runs) if (!kept.has(run.defaultKeyValueStoreId)) await this.#options.runs.forget(run);
    return dropped;
  }

  async #lastUse(
    { id, accessedAt, modifiedAt }: KeyValueStoreInfo,
    runTimes: ReadonlyMap<string, number>,
  ): Promise<number> {
    const known = [accessedAt.getTime(), modifiedAt.getTime(), runTimes.get(id) ?? 0];
    return Math.max(...known, await this.#options.use.lastUse(id));
  }

  /** Drops a store that nobody is using; one that cannot be dropped is there again, until the next look. */
  async #drop(id: string): Promise<boolean> {
    const { stores, use, onError } = this.#options;
    if (!use.close(id)) return false;
    try {
      const store = await stores.findById(id);
      await store?.drop();
      return store !== undefined;
    } catch (error) {
      onError(error);
      return false;
    } finally {
      stores.forget(id);
      await use.forget(id);
    }
  }
}

function mayBeDropped(info: KeyValueStoreInfo): boolean {
  return !hasName(info) && parseBackendName(info).userId !== undefined;
}

/** Tells when a run was heard of last, in ms since 1970. */
function timeOf({ modifiedAt, startedAt }: Run): number {
  return Date.parse(modifiedAt ?? startedAt);
}
