import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { isKvError } from '@kv/core';
import { createBackend } from '@kv/fs';
import { nextMessage } from '../next-message.ts';
import { inTempDir } from '../temp-dir.ts';

/** What a purge did while other runs were using the store. */
export interface PurgingFigures {
  readonly runs: number;
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
    const runs = await Promise.all(['a', 'b'].map((name) => startRun(storage, name)));
    const named: number[] = [];
    for (let count = 0; count < purges; count += 1) named.push(await purgeRefused(storage));
    const answers = runs.map((run) => nextMessage<string[]>(run));
    for (const run of runs) run.send('stop');
    const missing = (await Promise.all(answers)).flat();
    if (missing.length > 0) throw new Error(`purges have taken ${missing.length} records of live runs in ${dir}`);
    for (const run of runs) if (run.exitCode === null) await once(run, 'exit');
    await using backend = createBackend({ dir: storage });
    const [result] = await backend.purge();
    if (!result?.removed) throw new Error(`the purge after the end of the runs in ${dir} has removed nothing`);
    return { runs: runs.length, purges, named: [...new Set(named)] };
  });
}

async function startRun(dir: string, name: string): Promise<ChildProcess> {
  const run = fork(join(import.meta.dirname, 'share-child.ts'), ['live', dir, name]);
  await nextMessage(run);
  run.send('begin');
  await nextMessage(run);
  return run;
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
