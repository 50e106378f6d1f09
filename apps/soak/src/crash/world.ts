import { purgeRule } from '@kv/core';
import type { Stamp } from '../stamped-value.ts';
import type { CrashOperation } from './crash-operation.ts';

/** What stores there are, by name, and what is in them. */
export type World = ReadonlyMap<string, WorldStore>;

export interface WorldStore {
  /** `undefined` when it is not known, because nobody has seen the store since it was made. */
  readonly id: string | undefined;
  readonly records: ReadonlyMap<string, Stamp>;
}

/** Does to a model what the operation does to a directory; `id` is what the opening of a store gave, where it is known. */
export function applyToWorld(world: World, operation: CrashOperation, id?: string): World {
  const next = new Map(world);
  const store = world.get(operation.store) ?? { id, records: new Map<string, Stamp>() };
  const withRecords = (change: (records: Map<string, Stamp>) => void): void => {
    const records = new Map(store.records);
    change(records);
    next.set(operation.store, { ...store, records });
  };
  switch (operation.type) {
    case 'open':
      next.set(operation.store, store);
      break;
    case 'set':
      withRecords((records) => records.set(operation.key, operation.stamp));
      break;
    case 'delete':
      withRecords((records) => records.delete(operation.key));
      break;
    case 'purge': {
      const isKept = purgeRule();
      withRecords((records) => {
        for (const key of records.keys()) if (!isKept(key)) records.delete(key);
      });
      break;
    }
    case 'rename':
      next.delete(operation.store);
      next.set(operation.to, store);
      break;
    case 'drop':
      next.delete(operation.store);
      break;
  }
  return next;
}

/**
 * Says what is wrong with a directory after a stop: everything in it must be as before the operation that was in flight or
 * as after it, each record whole, and nothing may have come or gone besides.
 */
export function findProblems(before: World, after: World, observed: World): string[] {
  const names = new Set([...before.keys(), ...after.keys(), ...observed.keys()]);
  return [
    ...missingIds(before, after, observed),
    ...[...names].flatMap((name) => problemsOf(name, before, after, observed)),
  ];
}

/** A store that was there before and is there after has to be there in between, under whichever name. */
function missingIds(before: World, after: World, observed: World): string[] {
  const idsOf = (world: World): (string | undefined)[] => [...world.values()].map(({ id }) => id);
  const lasting = idsOf(before).filter((id) => id !== undefined && idsOf(after).includes(id));
  const counts = lasting.map((id) => [id, idsOf(observed).filter((other) => other === id).length] as const);
  return counts.filter(([, count]) => count !== 1).map(([id, count]) => `the store ${id} is there ${count} times`);
}

function problemsOf(name: string, before: World, after: World, observed: World): string[] {
  const found = observed.get(name);
  const allowed = [before.get(name), after.get(name)].filter((store) => store !== undefined);
  if (!found) return allowed.length === 2 ? [`the store ${name} is gone`] : [];
  if (allowed.length === 0) return [`the store ${name} should not be there`];
  const isKnown = allowed.some(({ id }) => id === undefined || id === found.id);
  const wrongId = isKnown ? [] : [`the store ${name} has the id ${found.id}, not ${allowed[0]?.id}`];
  const keys = new Set([...allowed, found].flatMap(({ records }) => [...records.keys()]));
  const wrong = [...keys].filter((key) => {
    const id = found.records.get(key)?.id;
    return !allowed.some(({ records }) => records.get(key)?.id === id);
  });
  return [
    ...wrongId,
    ...wrong.map((key) => {
      const wanted = allowed.map(({ records }) => records.get(key)?.id ?? 'nothing').join(' or ');
      return `the record ${key} of ${name} should be ${wanted}, and is ${found.records.get(key)?.id ?? 'nothing'}`;
    }),
  ];
}
