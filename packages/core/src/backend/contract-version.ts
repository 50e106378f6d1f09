import { kindOf } from '../errors/quote.js';
import { KvError } from '../errors/kv-error.js';
import type { StorageBackend } from './storage-backend.js';

/**
 * The version of the contract between backends and those who use them.
 *
 * It grows when a backend that was built for the last version could do something wrong under this one: a method more that
 * is always called, another meaning of an argument. What old backends may ignore, such as a new capability, leaves it.
 */
export const CONTRACT_VERSION = 1;

/** What a backend states as {@link StorageBackend.contractVersion}: the number, so that a newer contract is a type error. */
export type ContractVersion = typeof CONTRACT_VERSION;

/**
 * Makes sure that a backend was built for this version of the contract; the SDK asks before it uses one.
 *
 * @throws {@link KvError} `KV_BACKEND_INCOMPATIBLE`, which says whether the backend or the packages of kv are to be updated.
 */
export function assertContractVersion(backend: Pick<StorageBackend, 'name' | 'contractVersion'>): void {
  const version: unknown = backend.contractVersion;
  if (version === CONTRACT_VERSION) return;
  const { name } = backend;
  const isNewer = typeof version === 'number' && version > CONTRACT_VERSION;
  const stated = typeof version === 'number' ? `version ${version}` : `no version (${kindOf(version)})`;
  const remedy = isNewer
    ? 'Update @kv/core, and with it @kv/sdk or whatever uses the backend'
    : 'Update the backend, or ask its authors to build it for this version';
  throw new KvError(
    'KV_BACKEND_INCOMPATIBLE',
    `The backend ${name} states ${stated} of the contract, and this is version ${CONTRACT_VERSION}. ${remedy}.`,
    { details: { backend: name, contractVersion: CONTRACT_VERSION } },
  );
}
