import { createBackend } from '@kv/fs';
import { describe, expect, it } from 'vitest';
import { runMixedWork } from '../src/history/mixed-work.ts';
import type { WorkClass } from '../src/history/work-log.ts';
import { runCreating } from '../src/sharing/creating.ts';
import { runDropping } from '../src/sharing/dropping.ts';
import { runPurging } from '../src/sharing/purging.ts';

const { conditionalWrites } = createBackend().capabilities;
const order = { operations: 300, millis: Number.MAX_SAFE_INTEGER };

describe.skipIf(!conditionalWrites)(
  'several processes in one directory (needs the capability conditionalWrites: without its lock, they get into each other)',
  () => {
    it('get one store with one id for one name', { timeout: 60_000 }, async () => {
      expect(await runCreating(6, 20)).toEqual({ processes: 6, stores: 20 });
    });

    it.each<WorkClass>(['one type a key', 'changing types'])(
      'see a history that one order of all operations explains: %s',
      { timeout: 180_000 },
      async (workClass) => {
        const figures = await runMixedWork({ workClass, processes: 4, order, seed: 1 });
        expect(figures.reads).toBeGreaterThan(100);
        expect(figures.writes).toBeGreaterThan(100);
        expect(figures.conditional).toBeGreaterThan(figures.forestalled);
        expect(figures.overlapping).toBeGreaterThan(0);
        expect(figures.listings).toBeGreaterThan(0);
      },
    );

    it(
      'use and drop a store of one name under each other, and never write into another one',
      { timeout: 120_000 },
      async () => {
        const figures = await runDropping(4, 25, 1);
        expect(figures.dropped).toBeGreaterThan(4);
        expect(figures.stores).toBeGreaterThanOrEqual(figures.dropped);
      },
    );

    it('keep what live runs have written from every purge, and say whose it is', { timeout: 120_000 }, async () => {
      const { named } = await runPurging(3);
      expect(named.every((pid) => pid > 0)).toBe(true);
    });
  },
);
