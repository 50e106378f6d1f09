import { basename } from 'node:path';
import { KvError, resolveStorageRef } from '@kv/core';
import type {
  KeyValueStoreBackend,
  KeyValueStoreInfo,
  OperationOptions,
  PurgeOptions,
  PurgeResult,
  StorageCapabilities,
  StorageRef,
} from '@kv/core';
import type { Durability } from './fs-backend-options.js';
import { FsKeyValueStore } from './fs-key-value-store.js';
import { retryWhileBusy } from './io/busy-file.js';
import { isFileError, toKvError } from './io/file-error.js';
import type { FsBackend, RestoreResult } from './fs-backend.js';
import { HandPlacedKeys } from './record/hand-placed-keys.js';
import { findPurged } from './store/find-purged.js';
import { countFiles, restoreStore } from './store/restore-store.js';
import { runsOf } from './store/runs.js';
import type { Runs } from './store/runs.js';
import { directoryMark } from './store/store-directory.js';
import type { StoreDirectory } from './store/store-directory.js';
import { toInfo } from './store/store-info.js';
import { StoreOpener } from './store/store-opener.js';
import { Stores } from './store/stores.js';
import type { FoundStore, StoresOptions } from './store/stores.js';
import { ignoresCase } from './store/store-metadata.js';

/** What a directory can do. */
export const FS_CAPABILITIES: StorageCapabilities = {
  purge: true,
  publicUrls: true,
  conditionalWrites: true,
  persistent: true,
};

interface Handle {
  readonly store: StoreDirectory;
  readonly backend: FsKeyValueStore;
}

/** The contract's view of a directory of stores. */
export class FsStorageBackend implements FsBackend {
  readonly contractVersion = 1;
  readonly name = 'fs';
  readonly location: string;
  readonly capabilities: StorageCapabilities = FS_CAPABILITIES;
  readonly #durability: Durability;
  readonly #stores: Stores;
  readonly #opener: StoreOpener;
  readonly #handles = new Map<string, Handle>();
  readonly #runs: Runs;
  #isSwept = false;
  #emptying: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(options: StoresOptions) {
    this.location = options.root;
    this.#durability = options.durability;
    this.#stores = new Stores(options);
    this.#opener = new StoreOpener(this.#stores, options);
    this.#runs = runsOf(options.root);
    this.#runs.enter();
  }

  async openKeyValueStore(ref: StorageRef, options?: OperationOptions): Promise<KeyValueStoreBackend> {
    const resolved = resolveStorageRef(ref);
    return this.#run(options, async () => {
      const found = await (resolved.type === 'id'
        ? this.#stores.findSettled(resolved, options?.signal)
        : this.#opener.open(resolved));
      if (found) return this.#handleOf(found);
      const { location } = this;
      const message = `There is no key-value store with the id ${JSON.stringify(ref.id)} in ${location}. Open one by name to create it.`;
      throw new KvError('KV_STORAGE_NOT_FOUND', message, { details: { id: ref.id, location } });
    });
  }

  async findKeyValueStore(ref: StorageRef, options?: OperationOptions): Promise<KeyValueStoreInfo | undefined> {
    const resolved = resolveStorageRef(ref);
    return this.#run(options, async () => {
      const found = await this.#stores.findSettled(resolved, options?.signal);
      return found && this.#infoOf(found);
    });
  }

  async listKeyValueStores(options?: OperationOptions): Promise<readonly KeyValueStoreInfo[]> {
    return this.#run(options, async () => {
      await this.#stores.getAcquainted();
      const infos = this.#stores.list().map((found) => this.#infoOf(found));
      return infos.toSorted((a, b) => a.createdAt.getTime() - b.createdAt.getTime() || (a.id < b.id ? -1 : 1));
    });
  }

  async purge(options: PurgeOptions = {}): Promise<readonly PurgeResult[]> {
    return this.#run(options, async () => {
      if (options.dryRun === true) return this.#purgeAll(options);
      const results = await this.#runs.purge(options.signal, async () => this.#purgeAll(options));
      this.#emptyTrash();
      return results;
    });
  }

  async restore(options?: OperationOptions): Promise<readonly RestoreResult[]> {
    return this.#run(options, async () => {
      const results: RestoreResult[] = [];
      for (const purged of this.#stores.listPurged()) {
        const { place, path } = purged;
        const found = await findPurged(this.#stores, this.#opener, purged, options?.signal);
        if (found) {
          const { store } = this.#handleFor(found);
          const trash = { ...store, path, mark: undefined, readId: () => store.id };
          const { id, name, alias } = found.metadata;
          results.push({ id, label: name ?? alias ?? 'default', ...(await restoreStore(store, trash, options)) });
        } else if (!purged.metadata) {
          results.push({ id: place, label: place, restored: 0, skipped: countFiles(path) });
        }
      }
      return results;
    });
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#emptying;
    await this.#runs.leave();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Purges all run-scoped stores into one directory of the trash. */
  async #purgeAll(options: PurgeOptions): Promise<PurgeResult[]> {
    let trash: string | undefined;
    const newTrash = (): string => (trash ??= this.#stores.trash.newPurge());
    await this.#opener.adoptDefault();
    const stores = this.#stores.list().filter((found) => this.#stores.isRunScoped(found));
    return Promise.all(
      stores.map(async (found) => {
        const { name, alias } = found.metadata;
        return { ...(await this.#handleOf(found).purgeInto(newTrash, options)), label: name ?? alias ?? 'default' };
      }),
    );
  }

  /** Deletes what no purge can bring back any more, without holding anybody up. */
  #emptyTrash(): void {
    this.#emptying = this.#emptying.then(async () => this.#stores.trash.empty()).catch(ignoreFileError);
  }

  #handleOf(found: FoundStore): FsKeyValueStore {
    return this.#handleFor(found).backend;
  }

  /** All opens of a store share one handle, so that they know of its renames and of its end. */
  #handleFor({ place, metadata }: FoundStore): Handle {
    const { id } = metadata;
    const path = this.#stores.path(place);
    const known = this.#handles.get(id);
    const gate = this.#stores.gates.of(place, id);
    if (known) {
      // Another tool may have come to it meanwhile.
      Object.assign(known.store, { path, gate, layout: metadata.layout });
      return known;
    }
    this.#stores.sweep(gate);
    const isCaseless = metadata.ignoresCase ?? ignoresCase(path);
    const store: StoreDirectory = {
      id,
      path,
      layout: metadata.layout,
      ignoresCase: isCaseless,
      handPlaced: new HandPlacedKeys(isCaseless),
      gate,
      mark: directoryMark(path),
      durability: this.#durability,
      readId: () => this.#stores.readMetadata(basename(store.path))?.id,
    };
    const backend = new FsKeyValueStore({
      stores: this.#stores,
      store,
      assertOpen: () => this.#assertOpen(),
      onDrop: () => {
        this.#handles.delete(id);
        this.#emptyTrash();
      },
      onPurge: () => this.#emptyTrash(),
      runs: this.#stores.isRunScoped({ place, metadata }) ? this.#runs : undefined,
    });
    const handle = { store, backend };
    this.#handles.set(id, handle);
    return handle;
  }

  #infoOf({ place, metadata }: FoundStore): KeyValueStoreInfo {
    return toInfo(metadata, this.#stores.path(place));
  }

  /** Runs on files; what processes that are no more have left behind is removed first, once. */
  async #run<T>(options: OperationOptions | undefined, operation: () => T | Promise<T>): Promise<T> {
    this.#assertOpen();
    options?.signal?.throwIfAborted();
    try {
      return await retryWhileBusy(async () => {
        this.#sweepOnce();
        // What keeps one store out of its place must not keep anyone from the others.
        await this.#stores.gates.settleSwaps().catch(ignoreFileError);
        return operation();
      }, options?.signal);
    } catch (error) {
      throw toKvError(error, this.location);
    }
  }

  #sweepOnce(): void {
    if (this.#isSwept) return;
    this.#isSwept = true;
    this.#stores.sweep();
    this.#runs.sweep();
    this.#emptyTrash();
  }

  #assertOpen(): void {
    if (!this.#isClosed) return;
    throw new KvError('KV_BACKEND_CLOSED', `The backend of ${this.location} is closed. Create another one.`, {
      details: { location: this.location },
    });
  }
}

/** What cannot be deleted or completed waits for the next time. */
function ignoreFileError(error: unknown): void {
  if (!isFileError(error)) throw error;
}
