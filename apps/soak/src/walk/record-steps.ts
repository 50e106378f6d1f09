import { deepStrictEqual } from 'node:assert/strict';
import type { RecordInfo, SetRecord, WriteOptions } from '@kv/core';
import { bytesOf, streamOf } from '../stamped-value.ts';
import { listModelKeys } from './model.ts';
import type { ModelRecord } from './model.ts';
import { raises } from './step-context.ts';
import type { StepContext } from './step-context.ts';
import type { WalkState } from './walk-state.ts';
import { KEYS, randomRecord } from './walk-values.ts';

export async function set({ state, store, handle, key }: StepContext): Promise<void> {
  const record = randomRecord(state.random);
  await handle.setRecord(bodyOf(state, key, record));
  store.records.set(key, record);
}

export async function remove({ store, handle, key }: StepContext): Promise<void> {
  await handle.deleteRecord(key);
  store.records.delete(key);
}

export async function get({ handle, key, record }: StepContext): Promise<void> {
  const found = await handle.getRecord(key);
  deepStrictEqual(found && [found.contentType, Buffer.from(found.value)], record && [record.contentType, record.value]);
}

export async function stream({ handle, key, record }: StepContext): Promise<void> {
  const found = await handle.getRecordStream(key);
  const value = found && Buffer.from(await bytesOf(found.stream));
  deepStrictEqual([...known(found), value], [...known(modelInfo(record)), record?.value]);
}

export async function info({ handle, key, record }: StepContext): Promise<void> {
  const found = await handle.getRecordInfo(key);
  deepStrictEqual(known(found), known(modelInfo(record)));
}

type Known = Pick<RecordInfo, 'contentType' | 'contentEncoding' | 'size'>;

function known(record: Known | undefined): unknown[] {
  return [record?.contentType, record?.contentEncoding, record?.size];
}

function modelInfo(record: ModelRecord | undefined): Known | undefined {
  return record && { ...record, size: record.value.length };
}

export async function url({ handle, key, record }: StepContext): Promise<void> {
  const found = await handle.getPublicUrl(key);
  deepStrictEqual(found?.startsWith('file:'), record && true);
}

export async function list({ state: { random }, store, handle, key }: StepContext): Promise<void> {
  const options = {
    ...(random.chance(0.5) && { prefix: key.slice(0, 1 + random.below(8)) }),
    ...(random.chance(0.5) && { exclusiveStartKey: random.pick(KEYS) }),
    ...(random.chance(0.7) && { limit: 1 + random.below(8) }),
  };
  deepStrictEqual(await handle.listKeys(options), listModelKeys(store.records, options));
}

/** Writes or deletes under a condition that is met, or one that is not. */
export async function conditional({ state, store, handle, key }: StepContext): Promise<void> {
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
    return;
  }
  await write;
  if (isDeletion) store.records.delete(key);
  else store.records.set(key, next);
}

function bodyOf({ random }: WalkState, key: string, { value, ...types }: ModelRecord): SetRecord {
  return { key, ...types, value: random.chance(0.2) ? streamOf(value, 30_000) : value };
}
