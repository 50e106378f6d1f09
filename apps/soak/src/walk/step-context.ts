import { rejects } from 'node:assert/strict';
import { isKvError } from '@kv/core';
import type { KeyValueStoreBackend, KvErrorCode } from '@kv/core';
import type { ModelRecord, ModelStore } from './model.ts';
import type { WalkState } from './walk-state.ts';

/** What a step works on: a store, one of its keys, and the record that is there. */
export interface StepContext {
  readonly state: WalkState;
  readonly store: ModelStore;
  readonly handle: KeyValueStoreBackend;
  readonly key: string;
  readonly record: ModelRecord | undefined;
}

/** Makes sure that something is refused as it should be. */
export async function raises(code: KvErrorCode, promise: Promise<unknown>): Promise<void> {
  await rejects(promise, (error) => isKvError(error, code));
}
