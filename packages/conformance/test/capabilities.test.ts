import type { StorageBackend } from '@kv/core';
import { createBackend } from './reference-backend.ts';
import { describe, expect, it, vi } from 'vitest';
import { MUTANTS } from './mutants/all-mutants.ts';
import { collectTests } from './mutants/find-killers.ts';

async function failureOf(open: () => StorageBackend, id: string): Promise<string> {
  const test = collectTests(open).find((collected) => collected.id === id);
  return (
    test?.run().then(
      () => 'none',
      (error: Error) => error.message,
    ) ?? 'no such case'
  );
}

const mutant = (name: string): (() => StorageBackend) =>
  MUTANTS.find((candidate) => candidate.name === name)?.open ?? expect.fail(name);

describe('capabilities', () => {
  it.each([
    ['lies-about-urls', 'publicUrls', 'KVS-098'],
    ['lies-about-urls', 'publicUrls', 'KVS-099'],
    ['lies-about-purge', 'purge', 'KVS-097'],
    ['lies-about-purge', 'purge', 'KVS-080'],
  ])('says of %s that it lies about %s, in %s', async (name, capability, id) => {
    const message = `The backend memory lies about its capability ${capability}: it declares it, and raises KV_NOT_SUPPORTED when it is used.`;
    expect(await failureOf(mutant(name), id)).toBe(message);
  });

  it('says what a backend has and does not declare', async () => {
    expect(await failureOf(mutant('hides-purge'), 'KVS-097')).toContain('does not declare purge');
  });

  it('tells the runner and the reader what is skipped, and why', async () => {
    const log = vi.spyOn(console, 'log').mockReturnValue();
    const skip = vi.fn<(note: string) => void>();
    for (const { group, run } of collectTests(mutant('hides-purge'))) if (group === 'purge') await run({ skip });
    expect(skip.mock.calls).toEqual(Array.from({ length: 4 }, () => ['the backend does not declare purge']));
    expect(log.mock.calls).toEqual([
      [
        'mutant: skipped KVS-080 (no purge), KVS-081 (no purge), KVS-082 (no purge), KVS-083 (no purge), KVS-099 (no publicUrls)',
      ],
    ]);
    log.mockRestore();
  });

  it('closes what it has opened, with the function that it is given for that', async () => {
    const close = vi.fn<() => void>();
    const open = (): StorageBackend => Object.assign(createBackend(), { close });
    const [first] = collectTests(open);
    await first?.run();
    expect(close).toHaveBeenCalledTimes(2);
  });
});
