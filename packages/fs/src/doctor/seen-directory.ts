import { setImmediate } from 'node:timers/promises';
import type { LayoutName } from '../foreign/layout-name.js';
import { HandPlacedKeys } from '../record/hand-placed-keys.js';
import { directoryMark } from '../store/store-directory.js';
import type { StoreDirectory } from '../store/store-directory.js';
import type { SeenStore } from './look-at-stores.js';
import type { Problem, SyncProblem } from './problem.js';
import type { Site } from './site.js';
import { hasCaseTags } from './store-identity.js';

/** Makes what readers of a store need, without opening it. */
export function seenDirectory({ stores }: Site, seen: SeenStore, layout: LayoutName): StoreDirectory {
  const { place, path, metadata, fileNames } = seen;
  const id = metadata?.id ?? '';
  const ignoresCase = metadata ? metadata.ignoresCase === true : hasCaseTags(fileNames);
  return {
    id,
    path,
    layout,
    ignoresCase,
    handPlaced: new HandPlacedKeys(ignoresCase),
    gate: stores.gates.of(place, id),
    durability: 'fsync',
    mark: directoryMark(path),
    readId: () => id,
  };
}

/** Repairs while no other process of kv can change the store. One that has no id has never been opened as it is. */
export function repairedAlone(site: Site, store: StoreDirectory, problem: SyncProblem): Problem {
  const { repair } = problem;
  return store.id === '' || !repair ? problem : { ...problem, repair: () => store.gate.hold(site.signal, repair) };
}

/** Lets others have their turn. */
export async function breathe({ signal }: Site): Promise<void> {
  await setImmediate();
  signal?.throwIfAborted();
}
