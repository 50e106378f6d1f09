import { KvError } from '@kv/core';
import type { StorageCapabilities } from '@kv/core';

/** Makes the error for what the storage API cannot do. */
export function notSupported(capability: keyof StorageCapabilities): KvError {
  return new KvError(
    'KV_NOT_SUPPORTED',
    `The backend cloud has no ${capability} there. Use another backend for this.`,
    {
      details: { backend: 'cloud', capability },
    },
  );
}
