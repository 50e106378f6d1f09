import { deepStrictEqual, rejects } from 'node:assert/strict';
import { isKvError } from '@kv/core';
import type { KeyValueStoreBackend, KvErrorCode, SetRecord, StorageRef, WriteOptions } from '@kv/core';
import { bytesOf, streamOf } from '../stamped-value.ts';
import { compareRecords } from './compare.ts';
import { findModelStore, listModelKeys, purgeModel } from './model.ts';
import type { ModelRecord, ModelStore } from './model.ts';
import type { WalkState } from './walk-state.ts';
import { KEYS, randomRecord } from './walk-values.ts';

/** What a step works on: a store, one of its keys, and the record that is there. */
interface StepContext {
  readonly state: WalkState;
  readonly store: ModelStore;
  readonly handle: KeyValueStoreBackend;
  readonly key: string;
  readonly record: ModelRecord | undefined;
}

type Step = (context: StepContext) => Promise<void>;

const NAMES = ['one', 'two', 'Two', 'three', 'default'];
const REFS: readonly StorageRef[] = [{}, { alias: 'run' }, { alias: 'one' }, ...NAMES.map((name) => ({ name }))];
const STEPS = {
  set,
  remove,
  get,
  stream,
  info,
  url,
  list,
  conditional,
  purge,
  purgeAll,
  update,
  rename,
  drop,
  open,
  reopen,
};
const WEIGHTS: Readonly<Record<keyof typeof STEPS, number>> = {
  set: 40,
  remove: 15,
  get: 5,
  stream: 5,
  info: 5,
  url: 2,
  list: 8,
  conditional: 6,
  purge: 1,
  purgeAll: 1,
  update: 2,
  rename: 2,
  drop: 1,
  open: 3,
  reopen: 4,
};

/** Does one random thing to the directory and to the model; gives which kind of thing, and to which store. */
export async function runStep(state: WalkState): Promise<{ readonly name: string; readonly store: ModelStore }> {
  const { random, stores, backend } = state;
  if (stores.size === 0) await openRandomly(state);
  const { conditionalWrites } = backend.capabilities;
  const name = random.weighted(conditionalWrites ? WEIGHTS : { ...WEIGHTS, conditional: 0 });
  const store = random.pick([...stores.values()]);
  const key = random.pick(KEYS);
  state.trail.push(`${name} ${key} in ${store.name ?? store.alias ?? 'the default store'}`);
  const handle = await state.handle(store);
  const step: Step = STEPS[name];
  await step({ state, store, handle, key, record: store.records.get(key) });
  return { name, store };
}

async function set({ state, store, handle, key }: StepContext): Promise<void> {
  const record = randomRecord(state.random);
  await handle.setRecord(bodyOf(state, key, record));
  store.records.set(key, record);
}

async function remove({ store, handle, key }: StepContext): Promise<void> {
  await handle.deleteRecord(key);
  store.records.delete(key);
}

async function get({ handle, key, record }: StepContext): Promise<void> {
  const found = await handle.getRecord(key);
  deepStrictEqual(found && [found.contentType, Buffer.from(found.value)], record && [record.contentType, record.value]);
}

async function stream({ handle, key, record }: StepContext): Promise<void> {
  const found = await handle.getRecordStream(key);
  const value = found && Buffer.from(await bytesOf(found.stream));
  deepStrictEqual([found?.contentType, found?.size, value], [record?.contentType, record?.value.length, record?.value]);
}

async function info({ handle, key, record }: StepContext): Promise<void> {
  const found = await handle.getRecordInfo(key);
  deepStrictEqual([found?.contentType, found?.size], [record?.contentType, record?.value.length]);
}

async function url({ handle, key, record }: StepContext): Promise<void> {
  const found = await handle.getPublicUrl(key);
  deepStrictEqual(found?.startsWith('file:'), record && true);
}

async function list({ state: { random }, store, handle, key }: StepContext): Promise<void> {
  const options = {
    ...(random.chance(0.5) && { prefix: key.slice(0, 1 + random.below(8)) }),
    ...(random.chance(0.5) && { exclusiveStartKey: random.pick(KEYS) }),
    ...(random.chance(0.7) && { limit: 1 + random.below(8) }),
  };
  deepStrictEqual(await handle.listKeys(options), listModelKeys(store.records, options));
}

/** Writes or deletes under a condition that is met, or one that is not. */
async function conditional({ state, store, handle, key, record }: StepContext): Promise<void> {
  const { random } = state;
  const etag = (await handle.getRecordInfo(key))?.etag;
  const isMet = random.chance(0.5);
  const condition: WriteOptions =
    isMet === (etag === undefined) ? { ifNoneMatch: '*' } : { ifMatch: isMet ? (etag ?? '*') : 'another' };
  const isDeletion = random.chance(0.3);
  const next = randomRecord(random);
  const write = isDeletion
    ? handle.deleteRecord(key, condition)
    : handle.setRecord(bodyOf(state, key, next), condition);
  if (!isMet) {
    await raises('KV_PRECONDITION_FAILED', write);
    deepStrictEqual(store.records.get(key), record);
    return;
  }
  await write;
  if (isDeletion) store.records.delete(key);
  else store.records.set(key, next);
}

async function purge({ state, store, handle, key }: StepContext): Promise<void> {
  const keepKeys = state.random.chance(0.5) ? [key] : [];
  const { id, removed, kept } = await handle.purge({ keepKeys });
  deepStrictEqual({ id, removed, kept }, { id: store.id, ...purgeModel(store.records, keepKeys) });
}

async function purgeAll({ state: { random, backend, stores }, key }: StepContext): Promise<void> {
  const keepKeys = random.chance(0.5) ? [key] : [];
  const results = await backend.purge({ keepKeys });
  const scoped = [...stores.values()].filter(({ name }) => name === undefined);
  const expected = scoped.map(({ id, records }) => [id, purgeModel(records, keepKeys)] as const);
  const found = results.map(({ id, removed, kept }) => [id, { removed, kept }] as const);
  deepStrictEqual(new Map(found), new Map(expected));
}

async function update({ state: { random }, store, handle }: StepContext): Promise<void> {
  const title = random.pick([undefined, null, 'A title', 'Ein längerer Titel ✓']);
  const generalAccess = random.pick([undefined, null, 'RESTRICTED']);
  await handle.update({ ...(title !== undefined && { title }), ...(generalAccess !== undefined && { generalAccess }) });
  if (title === null) delete store.title;
  else if (title !== undefined) store.title = title;
  if (generalAccess === null) delete store.generalAccess;
  else if (generalAccess !== undefined) store.generalAccess = generalAccess;
}

async function rename({ state: { random, stores }, store, handle }: StepContext): Promise<void> {
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

async function drop({ state, store, handle, key }: StepContext): Promise<void> {
  await handle.drop();
  state.forget(store);
  await raises('KV_STORAGE_NOT_FOUND', handle.getRecord(key));
  await raises('KV_STORAGE_NOT_FOUND', handle.setRecord({ key, value: Buffer.from('1'), contentType: 'text/plain' }));
}

async function open({ state }: StepContext): Promise<void> {
  await openRandomly(state);
}

async function reopen({ state }: StepContext): Promise<void> {
  await state.reopen();
  for (const store of state.stores.values()) await compareRecords(state, store);
}

async function openRandomly({ random, backend, stores }: WalkState): Promise<void> {
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

function bodyOf({ random }: WalkState, key: string, { contentType, value }: ModelRecord): SetRecord {
  return { key, contentType, value: random.chance(0.2) ? streamOf(value, 30_000) : value };
}

async function raises(code: KvErrorCode, promise: Promise<unknown>): Promise<void> {
  await rejects(promise, (error) => isKvError(error, code));
}
