import { renameSync } from 'node:fs';
import { KvError } from '@kv/core';
import { isTaken } from '../io/busy-file.js';
import { newPlaces } from './store-places.js';
import type { FoundStore, Stores } from './stores.js';

/**
 * Moves a store to the place of a new name, which its metadata says only afterwards: opening it mends what stops in between.
 *
 * @throws KvError `KV_NAME_TAKEN`.
 */
export async function moveStore(
  stores: Stores,
  { place, metadata }: FoundStore,
  name: string,
  signal: AbortSignal | undefined,
): Promise<string> {
  if (metadata.name === name) return place;
  const { id } = metadata;
  const gate = stores.gates.of(place, id);
  return gate.hold(signal, () => {
    for (const target of newPlaces({ type: 'name', name }, stores.defaultId)) {
      // Each time anew: whoever has the place may have got the name just now.
      if (stores.find({ type: 'name', name })) throw nameTaken(name);
      // The place of an alias may be that of the name.
      if (target === place) return place;
      if (!tryMove(stores.path(place), stores.path(target))) continue;
      stores.gates.move(gate, target, id);
      return target;
    }
    throw nameTaken(name);
  });
}

function tryMove(from: string, to: string): boolean {
  try {
    renameSync(from, to);
    return true;
  } catch (error) {
    if (isTaken(error, to)) return false;
    throw error;
  }
}

function nameTaken(name: string): KvError {
  return new KvError(
    'KV_NAME_TAKEN',
    `The name ${JSON.stringify(name)} belongs to another key-value store. Choose another one.`,
    {
      details: { name },
    },
  );
}
