import { AssertionError } from 'node:assert/strict';
import { isKvError } from '@kv/core';
import type { StorageBackend, StorageCapabilities } from '@kv/core';
import type { ConformanceCase } from './conformance-case.js';

/** Where a case gets its backends from, and where they go. */
export interface BackendSource {
  readonly open: () => StorageBackend | Promise<StorageBackend>;
  readonly reopen: ((backend: StorageBackend) => StorageBackend | Promise<StorageBackend>) | undefined;
  readonly close: (backend: StorageBackend) => void | Promise<void>;
}

/** Says why a case was not run. */
export interface SkippedCase {
  readonly capabilities: StorageCapabilities;
  readonly note: string;
}

/** Runs a case on a backend of its own; tells when it does not concern the backend. */
export async function runCase(testCase: ConformanceCase, source: BackendSource): Promise<SkippedCase | undefined> {
  const opened: StorageBackend[] = [];
  const reopened: StorageBackend[] = [];
  const open = async (): Promise<StorageBackend> => {
    const backend = await source.open();
    opened.push(backend);
    return backend;
  };
  try {
    const backend = await open();
    const { capabilities } = backend;
    const missing = missingCapabilities(testCase, capabilities);
    if (missing.length > 0) return { capabilities, note: `the backend does not declare ${missing.join(' and ')}` };
    const { reopen: openAgain } = source;
    const reopen =
      openAgain &&
      (async (): Promise<StorageBackend> => {
        const another = await openAgain(backend);
        reopened.push(another);
        return another;
      });
    await testCase.run({ backend, open, reopen }).catch((error: unknown) => {
      const { needs } = testCase;
      throw needs !== undefined && isKvError(error, 'KV_NOT_SUPPORTED') ? lie(backend, needs, error) : error;
    });
    return undefined;
  } finally {
    // The data go with the backends that were opened first.
    for (const backend of reopened) await backend.close();
    for (const backend of opened) await source.close(backend);
  }
}

/** Tells which of the capabilities that a case needs are not declared. */
export function missingCapabilities(
  { needs = [] }: ConformanceCase,
  capabilities: StorageCapabilities,
): (keyof StorageCapabilities)[] {
  return needs.filter((capability) => !capabilities[capability]);
}

/** Makes the error for a backend that declares what it does not have. */
export function lie(backend: StorageBackend, needs: readonly (keyof StorageCapabilities)[], cause: unknown): Error {
  const capability = needs.join(' or ');
  const message = `The backend ${backend.name} lies about its capability ${capability}: it declares it, and raises KV_NOT_SUPPORTED when it is used.`;
  return Object.assign(new AssertionError({ message }), { cause });
}
