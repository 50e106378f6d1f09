import { join } from 'node:path';
import { createStorageId, isKvError } from '@kv/core';
import { guessLayout } from '../foreign/guess-layout.js';
import { isFileError } from '../io/file-error.js';
import { listNames } from '../io/list-names.js';
import { METADATA_FILE } from '../layout/sidecar.js';
import type { StoreMetadata } from '../store/store-metadata.js';
import { fileKind } from './file-kind.js';
import { layoutOfSidecars } from './layout-in.js';
import { markOf } from './problem.js';
import type { Problem } from './problem.js';
import { accessProblem } from './site.js';
import type { Site } from './site.js';
import { deriveMetadata, isAtHome, isDefaultPlace, renameToPlace } from './store-identity.js';
import { isLink, realPath, storeLinkProblem } from './store-link.js';
import { unreadableNameProblem } from './unreadable-name.js';

/** A directory of a store, as it was seen. */
export interface SeenStore {
  /** Name of the directory. */
  readonly place: string;
  /** Absolute path. */
  readonly path: string;
  readonly fileNames: readonly string[];
  /** `undefined` when there is none, or it is damaged. */
  readonly metadata: StoreMetadata | undefined;
}

type NamedStore = SeenStore & { readonly metadata: StoreMetadata };

/** All stores of a directory, and what is wrong with them as a whole. */
export interface SeenStores {
  readonly stores: readonly SeenStore[];
  readonly problems: readonly Problem[];
}

/** Looks at the directories of the stores and at their metadata, not at their records. */
export function lookAtStores(site: Site): SeenStores {
  const { storesDir } = site;
  if (fileKind(storesDir) !== 'directory') {
    return { stores: [], problems: markOf(storesDir) === undefined ? [] : [notADirectory(site, storesDir)] };
  }
  const problems: Problem[] = [];
  const stores: SeenStore[] = [];
  const seen = new Map<string, string>();
  for (const place of placesIn(storesDir)) {
    const path = join(storesDir, place);
    const problem = placeProblem(site, place, path) ?? storeLinkProblem(site, path, seen);
    if (problem) {
      problems.push(problem);
      continue;
    }
    seen.set(realPath(path), path);
    stores.push(seeStore(site, place, path, problems));
  }
  return { stores, problems: [...problems, ...missing(site, stores), ...confusions(site, stores)] };
}

/** Links come last: of two places that are one directory, the directory itself is the store. */
function placesIn(storesDir: string): string[] {
  const places = listNames(storesDir).map((place) => ({ place, isLinked: isLink(join(storesDir, place)) }));
  return places.toSorted((a, b) => Number(a.isLinked) - Number(b.isLinked)).map(({ place }) => place);
}

/** Tells why something among the stores is none. */
function placeProblem(site: Site, place: string, path: string): Problem | undefined {
  if (place.startsWith('.')) {
    return { code: 'no-record', path, message: `${path} is hidden: it is no store.` };
  }
  if (fileKind(path) !== 'directory') return unreadableNameProblem(path) ?? notADirectory(site, path);
  const denied = accessProblem(path, true);
  return denied?.code === 'access-denied' ? { ...denied, store: place } : undefined;
}

function notADirectory(site: Site, path: string): Problem {
  const mark = markOf(path);
  const message = `${path} is no directory, and no store can be opened there.`;
  return { code: 'not-a-store', path, message, repair: () => site.quarantine.take(path, mark) };
}

function seeStore(site: Site, place: string, path: string, problems: Problem[]): SeenStore {
  const denied = accessProblem(path, true);
  if (denied) problems.push({ ...denied, store: place });
  const fileNames = listNames(path);
  try {
    return { place, path, fileNames, metadata: site.metadata.read(path) };
  } catch (error) {
    if (!isKvError(error, 'KV_STORAGE_CORRUPT') && !isFileError(error)) throw error;
    problems.push(damagedMetadata(site, { place, path, fileNames, metadata: undefined }, error));
    return { place, path, fileNames, metadata: undefined };
  }
}

function damagedMetadata(site: Site, store: SeenStore, error: Error): Problem {
  const path = join(store.path, METADATA_FILE);
  const about = { path, store: store.place };
  if (isFileError(error, 'EACCES', 'EPERM')) return { ...about, code: 'access-denied', message: error.message };
  const mark = markOf(path);
  const message = isKvError(error) ? error.message : `The metadata ${path} cannot be read: ${error.message}.`;
  const repair = async (): Promise<boolean> => site.quarantine.take(path, mark) && createMetadata(site, store);
  return { ...about, code: 'metadata-corrupt', message, repair };
}

/** A store whose metadata is damaged has its own problem. */
function missing(site: Site, stores: readonly SeenStore[]): Problem[] {
  return stores
    .filter(({ metadata, fileNames }) => !metadata && !fileNames.includes(METADATA_FILE))
    .map((store) => ({
      code: 'metadata-missing',
      path: store.path,
      store: store.place,
      message: `The store in ${store.path} has no ${METADATA_FILE}; it gets one when it is opened by name.`,
      ...(isPerhapsForeign(site, store) ? {} : { repair: async () => createMetadata(site, store) }),
    }));
}

/**
 * Crawlee 3 and Python's SDK 1 write no metadata by default: what may be theirs is left as it is. A store that has a gate
 * was opened by kv, so it had some.
 */
function isPerhapsForeign({ gatesDir }: Site, { place, path, fileNames }: SeenStore): boolean {
  const gates = fileKind(gatesDir) === 'directory' ? listNames(gatesDir) : [];
  const hasGate = gates.some((name) => name.startsWith(`${place}@`));
  return !hasGate && (guessLayout(path, fileNames) ?? 'kv') !== 'kv';
}

async function createMetadata(site: Site, { place, path, fileNames }: SeenStore): Promise<boolean> {
  const isDefaultTaken =
    isDefaultPlace(place) && lookAtStores(site).stores.some(({ metadata }) => metadata?.id === 'default');
  const places = listNames(site.storesDir);
  const layout = layoutOfSidecars(path, fileNames);
  const metadata = deriveMetadata({ place, fileNames, layout, places, isDefaultTaken });
  return (await site.metadata.create(path, metadata)) !== undefined;
}

/** Finds stores that are taken for each other, or lie in another's directory. */
function confusions(site: Site, stores: readonly SeenStore[]): Problem[] {
  const ids = new Map<string, string>();
  const names = new Map<string, string>();
  return (
    stores
      .filter((store): store is NamedStore => store.metadata !== undefined)
      // Of two with one id, the one that lies in its own directory is no copy.
      .toSorted((a, b) => Number(isAtHome(b.metadata, b.place)) - Number(isAtHome(a.metadata, a.place)))
      .map((store) => {
        const { place, metadata } = store;
        const twin = putIfAbsent(ids, metadata.id, place);
        const isFoundByName = metadata.name !== null && !isDefaultPlace(place);
        const namesake = isFoundByName ? putIfAbsent(names, metadata.name, place) : undefined;
        return confusionOf(site, store, { twin, namesake });
      })
      .filter((problem) => problem !== undefined)
  );
}

function putIfAbsent(map: Map<string, string>, key: string, value: string): string | undefined {
  const known = map.get(key);
  if (known === undefined) map.set(key, value);
  return known;
}

function confusionOf(
  site: Site,
  store: NamedStore,
  { twin, namesake }: { readonly twin: string | undefined; readonly namesake: string | undefined },
): Problem | undefined {
  const { place, path, metadata } = store;
  const isHome = isAtHome(metadata, place);
  const settled = isHome ? metadata : renameToPlace(metadata, place);
  if (twin !== undefined) {
    const message = `The store in ${path} has the id ${JSON.stringify(metadata.id)}, as that in "${twin}".`;
    return identityProblem(site, store, {
      code: 'duplicate-id',
      message,
      settled: { ...settled, id: createStorageId() },
    });
  }
  if (!isHome) {
    const name = metadata.name ?? metadata.alias ?? metadata.id;
    const message = `The store in ${path} says that it is ${JSON.stringify(name)}.`;
    return identityProblem(site, store, { code: 'store-moved', message, settled });
  }
  if (namesake === undefined) return undefined;
  const message = `The store in ${path} has the name ${JSON.stringify(metadata.name)}, as that in "${namesake}".`;
  return identityProblem(site, store, { code: 'duplicate-name', message, settled: { ...metadata, name: place } });
}

interface Confusion {
  readonly code: Problem['code'];
  readonly message: string;
  /** The metadata that makes an end of it. */
  readonly settled: StoreMetadata;
}

function identityProblem(site: Site, { place, path, metadata }: NamedStore, confusion: Confusion): Problem {
  const { code, message, settled } = confusion;
  const repair = async (): Promise<boolean> => {
    return site.stores.gates.of(place, metadata.id).hold(site.signal, (passage) => {
      // Opening the store settles it too.
      if (JSON.stringify(site.metadata.read(path)) !== JSON.stringify(metadata)) return false;
      site.metadata.write(path, settled, passage);
      if (settled.id !== metadata.id) site.metadata.announceId(path);
      return true;
    });
  };
  return { code, path: join(path, METADATA_FILE), store: place, message, repair };
}
