import { deepStrictEqual } from 'node:assert/strict';
import type { StorageRef } from '@kv/core';
import { compareRecords } from './compare.ts';
import { findModelStore, purgeModel } from './model.ts';
import { raises } from './step-context.ts';
import type { StepContext } from './step-context.ts';
import type { WalkState } from './walk-state.ts';

const NAMES = ['one', 'two', 'Two', 'three', 'default'];
const REFS: readonly StorageRef[] = [{}, { alias: 'run' }, { alias: 'one' }, ...NAMES.map((name) => ({ name }))];

export async function purge({ state, store, handle, key }: StepContext): Promise<void> {
  const keepKeys = state.random.chance(0.5) ? [key] : [];
  const { id, removed, kept } = await handle.purge({ keepKeys });
  deepStrictEqual({ id, removed, kept }, { id: store.id, ...purgeModel(store.records, keepKeys) });
}

export async function purgeAll({ state: { random, backend, stores }, key }: StepContext): Promise<void> {
  const keepKeys = random.chance(0.5) ? [key] : [];
  const results = await backend.purge({ keepKeys });
  const scoped = [...stores.values()].filter(({ name }) => name === undefined);
  const expected = scoped.map(({ id, records }) => [id, purgeModel(records, keepKeys)] as const);
  const found = results.map(({ id, removed, kept }) => [id, { removed, kept }] as const);
  deepStrictEqual(new Map(found), new Map(expected));
}

export async function update({ state: { random }, store, handle }: StepContext): Promise<void> {
  const title = random.pick([undefined, null, 'A title', 'Ein längerer Titel ✓']);
  const generalAccess = random.pick([undefined, null, 'RESTRICTED']);
  await handle.update({ ...(title !== undefined && { title }), ...(generalAccess !== undefined && { generalAccess }) });
  if (title === null) delete store.title;
  else if (title !== undefined) store.title = title;
  if (generalAccess === null) delete store.generalAccess;
  else if (generalAccess !== undefined) store.generalAccess = generalAccess;
}

export async function rename({ state: { random, stores }, store, handle }: StepContext): Promise<void> {
  const name = random.pick(NAMES);
  const owner = findModelStore(stores.values(), { name });
  if (owner && owner !== store) {
    await raises('KV_NAME_TAKEN', handle.update({ name }));
    return;
  }
  await handle.update({ name });
  store.name = name;
  delete store.alias;
}

export async function drop({ state, store, handle, key }: StepContext): Promise<void> {
  await handle.drop();
  state.forget(store);
  await raises('KV_STORAGE_NOT_FOUND', handle.getRecord(key));
  await raises('KV_STORAGE_NOT_FOUND', handle.setRecord({ key, value: Buffer.from('1'), contentType: 'text/plain' }));
}

export async function open({ state }: StepContext): Promise<void> {
  await openRandomly(state);
}

export async function reopen({ state }: StepContext): Promise<void> {
  await state.reopen();
  for (const store of state.stores.values()) await compareRecords(state, store);
}

/** Opens one of a few stores, which may be there or not. */
export async function openRandomly({ random, backend, stores }: WalkState): Promise<void> {
  const ref = random.pick(REFS);
  const known = findModelStore(stores.values(), ref);
  const isThere = (await backend.findKeyValueStore(ref)) !== undefined;
  const { id } = await backend.openKeyValueStore(ref);
  deepStrictEqual([isThere, known?.id ?? id], [known !== undefined, id]);
  if (known) return;
  deepStrictEqual(stores.has(id), false, `the new store has the id of another one, ${id}`);
  const { name, alias } = ref;
  stores.set(id, {
    id,
    ...(name !== undefined && { name }),
    ...(alias !== undefined && { alias }),
    records: new Map(),
  });
}
