import { join } from 'node:path';
import { isKvError } from '@kv/core';
import { createBackend } from '@kv/fs';
import { Children } from '../children.ts';
import { inTempDir } from '../temp-dir.ts';
import { SHARE_CHILD } from './share-child-path.ts';

/** What a purge did while other runs were using the store. */
export interface PurgingFigures {
  readonly purges: number;
  /** Process ids of the runs that the refusals have named. */
  readonly named: readonly number[];
}

/**
 * Lets two runs live with the default store, asks for purges meanwhile, and once more when both have died.
 *
 * @throws Error when a purge has taken what a live run wrote, was not refused, or refused after the death of the runs.
 */
export async function runPurging(purges: number): Promise<PurgingFigures> {
  return inTempDir(async (dir) => {
    const storage = join(dir, 'storage');
    const named: number[] = [];
    {
      await using runs = new Children();
      for (const name of ['a', 'b']) await runs.start(SHARE_CHILD, ['live', storage, name]);
      await runs.ask('begin');
      for (let count = 0; count < purges; count += 1) named.push(await purgeRefused(storage));
      const missing = (await runs.ask<string[]>('stop')).flat();
      if (missing.length > 0) throw new Error(`purges have taken ${missing.length} records of live runs in ${dir}`);
    }
    await using backend = createBackend({ dir: storage });
    const [result] = await backend.purge();
    if (!result?.removed) throw new Error(`the purge after the end of the runs in ${dir} has removed nothing`);
    return { purges, named: [...new Set(named)] };
  });
}

/** Asks for a purge as a new run does, and gives the process id of the run that it is refused for. */
async function purgeRefused(dir: string): Promise<number> {
  await using backend = createBackend({ dir });
  try {
    await backend.purge();
  } catch (error) {
    if (isKvError(error, 'KV_STORAGE_IN_USE')) return Number(error.details['pid']);
    throw error;
  }
  throw new Error(`a purge of ${dir} was not refused, though two runs were using the store`);
}
