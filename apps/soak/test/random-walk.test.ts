import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Random } from '../src/random.ts';
import { inTempDir } from '../src/temp-dir.ts';
import { compareRecords, compareStores } from '../src/walk/compare.ts';
import { runRandomWalk } from '../src/walk/random-walk.ts';
import { runStep } from '../src/walk/walk-steps.ts';
import { WalkState } from '../src/walk/walk-state.ts';

const STEPS = 3000;

it(
  `is equal to plain maps after each of ${STEPS} random operations, with reopenings in between`,
  { timeout: 600_000 },
  async () => {
    const counts = await runRandomWalk({ steps: STEPS, seed: 1 });
    expect([...counts.values()].reduce((sum, count) => sum + count, 0)).toBe(STEPS);
    // All kinds of steps but, where the backend does not take them, the conditional writes.
    expect(counts.size).toBeGreaterThanOrEqual(14);
  },
);

it('sees what differs from the maps', async () => {
  await inTempDir(async (dir) => {
    const state = new WalkState(dir, new Random(2));
    for (let step = 0; step < 30; step += 1) await runStep(state);
    const { id } = await state.backend.openKeyValueStore({ name: 'extra' });
    await expect(compareStores(state)).rejects.toThrow(id);
    const store = { id, name: 'extra', records: new Map() };
    state.stores.set(id, store);
    await compareStores(state);
    await compareRecords(state, store);
    writeFileSync(join(dir, 'key_value_stores', 'extra', 'stray.json'), '1');
    await expect(compareRecords(state, store)).rejects.toThrow('stray');
  });
});
