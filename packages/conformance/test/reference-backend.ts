import type { BackendOptions, StorageBackend } from '@kv/core';

// By its address, because `@kv/memory` depends on this package for its own tests: a dependency back would be a circle.
const address = new URL('../../memory/dist/index.js', import.meta.url).href;
const memory = (await import(address)) as { createBackend: (options?: BackendOptions) => StorageBackend };

/** Creates the backend that is known to be correct: the one in memory. */
export const { createBackend } = memory;
