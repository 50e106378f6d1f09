import type { ContractVersion, PurgeOptions, PurgeResult } from '@kv/core';
import { brokenBackend, brokenStore } from './mutant.ts';
import type { Mutant } from './mutant.ts';

/** Changes what a dry run of a purge does and tells, of a store and of the backend. */
function brokenDryRun(
  name: string,
  defect: string,
  broken: (result: PurgeResult, options: PurgeOptions) => PurgeResult,
): Mutant {
  const tell = (result: PurgeResult, options: PurgeOptions = {}): PurgeResult =>
    options.dryRun === true ? broken(result, options) : result;
  return brokenStore(name, defect, () => (store) => ({
    purge: async (options) => tell(await store.purge(options), options),
  }));
}

/** Backends whose purges do what they are only to tell, or tell what they do not do, and such of another contract. */
export const DRY_PURGE_MUTANTS: readonly Mutant[] = [
  brokenStore('dry-run-purges', 'Purges a store in a dry run.', () => (store) => ({
    purge: async (options) => {
      const told = await store.purge(options);
      if (options?.dryRun === true) await store.purge({ ...options, dryRun: false });
      return told;
    },
  })),
  brokenBackend('dry-run-purges-all', 'Purges the backend in a dry run.', (backend) => ({
    purge: async (options) => {
      const told = await backend.purge(options);
      if (options?.dryRun === true) await backend.purge({ ...options, dryRun: false });
      return told;
    },
  })),
  brokenBackend('dry-run-forgets-aliases', 'Tells of the default store alone in a dry run.', (backend) => ({
    purge: async (options) => {
      const results = await backend.purge(options);
      return options?.dryRun === true ? results.slice(0, 1) : results;
    },
  })),
  brokenBackend('dry-run-creates', 'Creates the default store in a dry run.', (backend) => ({
    purge: async (options) => {
      options?.signal?.throwIfAborted();
      if (options?.dryRun === true) await backend.openKeyValueStore({});
      return (await backend.purge(options)).filter(({ removed, kept }) => removed + kept > 0);
    },
  })),
  brokenBackend('dry-run-of-all-keys', 'Does not heed `keepKeys` in a dry run of the backend.', (backend) => ({
    purge: async (options = {}) => backend.purge(options.dryRun === true ? { ...options, keepKeys: [] } : options),
  })),
  brokenStore('never-purges', 'Takes `dryRun: false` for a dry run.', () => (store) => ({
    purge: async (options = {}) => {
      const { removedKeys, ...told } = await store.purge({ ...options, dryRun: 'dryRun' in options });
      return options.dryRun === true && removedKeys ? { ...told, removedKeys } : told;
    },
  })),
  brokenStore('purge-tells-keys', 'Tells the keys of a real purge, too.', () => (store) => ({
    purge: async (options) => {
      const { removedKeys = [] } = await store.purge({ ...options, dryRun: true });
      return { removedKeys, ...(await store.purge(options)) };
    },
  })),
  brokenDryRun('dry-run-without-keys', 'Does not tell keys.', ({ id, label, removed, kept }) => ({
    id,
    label,
    removed,
    kept,
  })),
  brokenDryRun('dry-run-without-order', 'Tells keys in no order.', (result) => ({
    ...result,
    removedKeys: result.removedKeys?.toReversed() ?? [],
  })),
  brokenDryRun('dry-run-by-locale', 'Tells keys in the order of a dictionary.', (result) => ({
    ...result,
    removedKeys: result.removedKeys?.toSorted((a, b) => a.localeCompare(b)) ?? [],
  })),
  brokenDryRun('dry-run-tells-kept', 'Tells `INPUT` among the keys.', (result) => ({
    ...result,
    removedKeys: [...(result.kept > 0 ? ['INPUT'] : []), ...(result.removedKeys ?? [])],
  })),
  brokenDryRun('dry-run-counts-none', 'Tells in a dry run that nothing was removed.', (result) => ({
    ...result,
    removed: 0,
  })),
  brokenStore('purge-keeps-letter-by-letter', 'Keeps `INPUT` in that spelling alone.', () => (store) => ({
    purge: async (options) => {
      const result = await store.purge(options);
      if (options?.dryRun !== true) await store.deleteRecord('input.xml');
      return result;
    },
  })),
  brokenBackend('contract-not-stated', 'Does not state the version of the contract.', () => ({
    contractVersion: undefined as unknown as ContractVersion,
  })),
  brokenBackend('contract-as-text', 'States the version of the contract as a text.', () => ({
    contractVersion: '1' as unknown as ContractVersion,
  })),
  brokenBackend('contract-of-tomorrow', 'States a version of the contract that does not exist.', (backend) => ({
    contractVersion: (backend.contractVersion + 1) as ContractVersion,
  })),
];
