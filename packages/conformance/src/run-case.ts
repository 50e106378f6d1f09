import { AssertionError } from 'node:assert/strict';
import { isKvError } from '@kv/core';
import type { StorageBackend, StorageCapabilities } from '@kv/core';
import type { ConformanceCase } from './conformance-case.js';

/** Where a case gets its backends from, and where they go. */
export interface BackendSource {
  readonly open: () => StorageBackend | Promise<StorageBackend>;
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
  const open = async (): Promise<StorageBackend> => {
    const backend = await source.open();
    opened.push(backend);
    return backend;
  };
  try {
    const backend = await open();
    const { needs } = testCase;
    const { capabilities } = backend;
    if (needs !== undefined && !capabilities[needs]) {
      return { capabilities, note: `the backend does not declare ${needs}` };
    }
    await testCase.run({ backend, open }).catch((error: unknown) => {
      throw needs !== undefined && isKvError(error, 'KV_NOT_SUPPORTED') ? lie(backend, needs, error) : error;
    });
    return undefined;
  } finally {
    for (const backend of opened) await source.close(backend);
  }
}

/** Makes the error for a backend that declares what it does not have. */
export function lie(backend: StorageBackend, capability: keyof StorageCapabilities, cause?: unknown): Error {
  const message = `The backend ${backend.name} lies about its capability ${capability}: it declares it, and raises KV_NOT_SUPPORTED when it is used.`;
  return Object.assign(new AssertionError({ message }), { cause });
}
