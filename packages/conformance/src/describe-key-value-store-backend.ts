import type { StorageBackend, StorageCapabilities } from '@kv/core';
import type { ConformanceCase } from './conformance-case.js';
import { markSkipped } from './conformance-runner.js';
import type { ConformanceRunner } from './conformance-runner.js';
import { KEY_VALUE_STORE_CASES } from './key-value-store-cases.js';
import { missingCapabilities, runCase } from './run-case.js';

/** Options of {@link describeKeyValueStoreBackend}. */
export interface ConformanceOptions {
  /** `describe` and `it` of the test runner. */
  readonly runner: ConformanceRunner;
  /** Gives a backend with nothing in it, which shares nothing with those given before. Called for each case. */
  readonly open: () => StorageBackend | Promise<StorageBackend>;
  /**
   * Gives another backend on the place of one that `open` gave, which may be closed by then. Required for a backend that
   * declares the capability `persistent`, and an error for one that does not. What it gives is closed by its `close` method.
   */
  readonly reopen?: ((backend: StorageBackend) => StorageBackend | Promise<StorageBackend>) | undefined;
  /**
   * Releases a backend that `open` gave, and removes its data.
   *
   * @defaultValue calls the backend's `close`
   */
  readonly close?: ((backend: StorageBackend) => void | Promise<void>) | undefined;
}

/**
 * Describes to a test runner what a backend of key-value stores does: a test for each of {@link KEY_VALUE_STORE_CASES}.
 *
 * A case is skipped when the backend does not declare the capability that it needs, and for no other reason; one line on
 * standard output names what was skipped. A backend that declares what it does not have fails.
 *
 * @example
 * ```ts
 * import { describe, it } from 'node:test';
 * import { describeKeyValueStoreBackend } from '@kv/conformance';
 * import { createBackend } from '@kv/memory';
 *
 * describeKeyValueStoreBackend('memory', { runner: { describe, it }, open: () => createBackend() });
 * ```
 */
export function describeKeyValueStoreBackend(name: string, options: ConformanceOptions): void {
  const { runner, open, reopen, close = (backend) => backend.close() } = options;
  let isReported = false;
  const reportOnce = (capabilities: StorageCapabilities): void => {
    if (!isReported) console.log(skipReport(name, capabilities));
    isReported = true;
  };
  const describeCase = (testCase: ConformanceCase): void => {
    // The parameter is a rest one, because bun and jest take a body with a named one for a body that calls back.
    runner.it(`${testCase.id} ${testCase.behaviour}`, async (...contexts) => {
      const skipped = await runCase(testCase, { open, reopen, close });
      if (!skipped) return;
      reportOnce(skipped.capabilities);
      markSkipped(contexts, skipped.note);
    });
  };
  runner.describe(name, () => {
    for (const [group, cases] of Map.groupBy(KEY_VALUE_STORE_CASES, (testCase) => testCase.group)) {
      runner.describe(group, () => cases.forEach(describeCase));
    }
  });
}

function skipReport(name: string, capabilities: StorageCapabilities): string {
  const skipped = KEY_VALUE_STORE_CASES.flatMap((testCase) => {
    const missing = missingCapabilities(testCase, capabilities);
    return missing.length === 0 ? [] : [`${testCase.id} (no ${missing.join(', no ')})`];
  });
  return `${name}: skipped ${skipped.join(', ')}`;
}
