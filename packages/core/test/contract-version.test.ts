import { describe, expect, it } from 'vitest';
import { assertContractVersion, CONTRACT_VERSION, isKvError } from '../src/index.js';
import type { ContractVersion } from '../src/index.js';

function messageFor(contractVersion: unknown): string {
  try {
    assertContractVersion({ name: 'redis', contractVersion: contractVersion as ContractVersion });
    return '';
  } catch (error) {
    if (!isKvError(error, 'KV_BACKEND_INCOMPATIBLE')) throw error;
    return error.message;
  }
}

describe('assertContractVersion', () => {
  it('accepts a backend that was built for this version', () => {
    expect(messageFor(CONTRACT_VERSION)).toBe('');
  });

  it('says which side is to be updated', () => {
    expect(messageFor(CONTRACT_VERSION + 1)).toContain('Update @kv/core, and with it @kv/sdk');
    expect(messageFor(0)).toBe(
      'The backend redis states version 0 of the contract, and this is version 1. ' +
        'Update the backend, or ask its authors to build it for this version.',
    );
    expect(messageFor(undefined)).toContain('states no version (undefined)');
    expect(messageFor('1')).toContain('states no version (string)');
  });
});
