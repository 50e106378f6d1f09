import { join } from 'node:path';
import { Random } from '../random.ts';
import { inTempDir } from '../temp-dir.ts';
import { compareRecords, compareStores } from './compare.ts';
import { runStep } from './walk-steps.ts';
import { WalkState } from './walk-state.ts';

/** Options of {@link runRandomWalk}. */
export interface WalkOptions {
  readonly steps: number;
  readonly seed: number;
}

/** How often each kind of step was taken. */
export type WalkFigures = ReadonlyMap<string, number>;

/**
 * Does random things to a directory and to plain maps, and compares them after every step: the list of stores, and all
 * records of the store that was worked on; after every reopening those of all stores.
 *
 * @throws Error with the first difference, the last steps and the seed, which gives the same walk again.
 */
export async function runRandomWalk({ steps, seed }: WalkOptions): Promise<WalkFigures> {
  return inTempDir(async (dir) => {
    const state = new WalkState(join(dir, 'storage'), new Random(seed));
    const counts = new Map<string, number>();
    for (let step = 1; step <= steps; step += 1) {
      try {
        const { name, store } = await runStep(state);
        counts.set(name, (counts.get(name) ?? 0) + 1);
        await compareStores(state);
        if (state.stores.has(store.id)) await compareRecords(state, store);
      } catch (cause) {
        const trail = state.trail.slice(-15).join('\n');
        throw new Error(`seed ${seed}, step ${step}, in ${dir}: ${String(cause)}\nat the end of\n${trail}`, { cause });
      }
    }
    await state.backend.close();
    return counts;
  });
}
