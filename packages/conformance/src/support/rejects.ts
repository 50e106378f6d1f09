import assert from 'node:assert/strict';
import { isKvError } from '@kv/core';
import type { KvErrorCode } from '@kv/core';

/** An operation, and what to call it when it does not do what it must. */
export type NamedOperation = readonly [name: string, operation: () => Promise<unknown>];

/** Asserts that an operation raises a KvError with the code. */
export async function rejectsWithCode(code: KvErrorCode, ...[name, operation]: NamedOperation): Promise<void> {
  const error = await errorOf(name, operation);
  if (isKvError(error, code)) return;
  assert.fail(`${name} raises ${describe(error)} instead of ${code}`);
}

/** Asserts that an operation raises a TypeError or a RangeError. */
export async function rejectsWithClass(
  errorClass: typeof TypeError | typeof RangeError,
  ...[name, operation]: NamedOperation
): Promise<void> {
  const error = await errorOf(name, operation);
  // Not with `instanceof`: jest runs tests in a realm of their own, where the errors of Node are of another class.
  if (Object(error).name === errorClass.name) return;
  assert.fail(`${name} raises ${describe(error)} instead of a ${errorClass.name}`);
}

/** Asserts that an operation rejects with this very value. */
export async function rejectsWith(reason: unknown, ...[name, operation]: NamedOperation): Promise<void> {
  const error = await errorOf(name, operation);
  if (error === reason) return;
  assert.fail(`${name} raises ${describe(error)} instead of the reason of the signal`);
}

/** Gives what an operation rejects with; one that throws before it gives a promise has failed. */
export async function errorOf(...[name, operation]: NamedOperation): Promise<unknown> {
  let promise: Promise<unknown>;
  try {
    promise = operation();
  } catch (error) {
    assert.fail(`${name} throws ${describe(error)} instead of giving a promise that rejects`);
  }
  const outcome = await promise.then(
    () => ({ isError: false, error: undefined }),
    (error: unknown) => ({ isError: true, error }),
  );
  assert.ok(outcome.isError, `${name} succeeds instead of failing`);
  return outcome.error;
}

function describe(error: unknown): string {
  if (isKvError(error)) return `${error.code} (${error.message})`;
  return error instanceof Error ? `${error.name} (${error.message})` : String(error);
}
