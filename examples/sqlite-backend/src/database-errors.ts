import { KvError } from '@kv/core';
import type { StorageCapabilities } from '@kv/core';

/** The store was dropped, or no store ever had the id. */
export function storeNotFound(id: string): KvError {
  const message = `There is no key-value store with the id ${JSON.stringify(id)}, or it was dropped. Open one by name to create it.`;
  return new KvError('KV_STORAGE_NOT_FOUND', message, { details: { id } });
}

/** A store was to be given the name of another one. */
export function nameTaken(name: string): KvError {
  const message = `The name ${JSON.stringify(name)} belongs to another key-value store. Choose another one.`;
  return new KvError('KV_NAME_TAKEN', message, { details: { name } });
}

/** Something was asked of a backend after it was closed. */
export function backendClosed(location: string): KvError {
  const message = `The backend on ${location} is closed. Create another one.`;
  return new KvError('KV_BACKEND_CLOSED', message, { details: { location } });
}

/** Something was asked for that the backend does not declare. */
export function notSupported(capability: keyof StorageCapabilities): KvError {
  const message = `The backend sqlite has no ${capability}. Use another backend for this.`;
  return new KvError('KV_NOT_SUPPORTED', message, { details: { backend: 'sqlite', capability } });
}
