import type { StorageBackend } from '@kv/core';
import { createBackend } from './reference-backend.ts';
import { describe, expect, it, vi } from 'vitest';
import { MUTANTS } from './mutants/all-mutants.ts';
import { collectTests } from './mutants/find-killers.ts';
import type { MutantSource } from './mutants/find-killers.ts';

async function failureOf(source: MutantSource, id: string): Promise<string> {
  const test = collectTests(source).find((collected) => collected.id === id);
  return (
    test?.run().then(
      () => 'none',
      (error: Error) => error.message,
    ) ?? 'no such case'
  );
}

const mutant = (name: string): MutantSource =>
  MUTANTS.find((candidate) => candidate.name === name) ?? expect.fail(name);

describe('capabilities', () => {
  it.each([
    ['lies-about-urls', 'publicUrls', 'KVS-098'],
    ['lies-about-urls', 'publicUrls', 'KVS-099'],
    ['lies-about-conditions', 'conditionalWrites', 'KVS-122'],
    ['lies-about-conditions', 'conditionalWrites', 'KVS-111'],
    ['lies-about-purge', 'purge', 'KVS-097'],
    ['lies-about-purge', 'purge', 'KVS-080'],
  ])('says of %s that it lies about %s, in %s', async (name, capability, id) => {
    const message = `The backend memory lies about its capability ${capability}: it declares it, and raises KV_NOT_SUPPORTED when it is used.`;
    expect(await failureOf(mutant(name), id)).toBe(message);
  });

  it('says what a backend has and does not declare', async () => {
    expect(await failureOf(mutant('hides-purge'), 'KVS-097')).toContain('does not declare purge');
  });

  it.each([
    ['boasts-persistent', 'KVS-123', 'declares persistent, so the suite must open its place again: give'],
    ['boasts-persistent', 'KVS-130', 'declares persistent, so the suite must open its place again: give'],
    ['hides-persistent', 'KVS-123', 'The option reopen is given for the backend memory, which does not declare'],
    ['place-is-empty', 'KVS-123', 'lies about its capability persistent'],
    ['contract-not-stated', 'KVS-105', 'states no version (undefined) of the contract'],
    ['contract-of-tomorrow', 'KVS-105', 'states version 2 of the contract, and this is version 1'],
  ])('says what is wrong with %s in %s', async (name, id, message) => {
    expect(await failureOf(mutant(name), id)).toContain(message);
  });

  it('tells the runner and the reader what is skipped, and why', async () => {
    const log = vi.spyOn(console, 'log').mockReturnValue();
    const skip = vi.fn<(note: string) => void>();
    for (const { group, run } of collectTests(mutant('hides-purge'))) {
      if (['purge', 'reopening'].includes(group)) await run({ skip });
    }
    const [purge, persistent] = [['the backend does not declare purge'], ['the backend does not declare persistent']];
    expect(skip.mock.calls).toEqual(expect.arrayContaining([purge, persistent]));
    expect(log).toHaveBeenCalledTimes(1);
    const [line] = log.mock.lastCall ?? [];
    expect(line).toMatch(/^mutant: skipped KVS-\d+ \(no \w+\), /);
    expect(line).toContain(', KVS-080 (no purge), ');
    expect(line).toContain(', KVS-099 (no publicUrls)');
    log.mockRestore();
  });

  it('closes what it has opened, with the function that it is given for that', async () => {
    const close = vi.fn<() => void>();
    const open = (): StorageBackend => Object.assign(createBackend(), { close });
    const [first] = collectTests({ open });
    await first?.run();
    expect(close).toHaveBeenCalledTimes(2);
  });
});
