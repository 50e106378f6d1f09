import { cpSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { createBackend } from '../src/index.js';
import { get, JSON_TYPE, listAll, openStore, put, tempDir } from './helpers.js';
import { stopBefore } from './stop-before.js';

const TYPES = [undefined, JSON_TYPE, 'text/plain', 'text/html', 'video/mp4', 'application/json', 'image/png'] as const;
type State = (typeof TYPES)[number];

async function apply(dir: string, state: State, text: string): Promise<void> {
  const store = await createBackend({ dir }).openKeyValueStore({});
  if (state === undefined) await store.deleteRecord('k');
  else await put(store, 'k', text, state);
}

const CHANGES = TYPES.flatMap((from) => TYPES.map((to) => [from, to] as const));

it.each(CHANGES)('shows the old or the new record after a stop at any step from %s to %s', async (from, to) => {
  for (const earlier of [undefined, 'image/png', 'video/mp4'] as const) {
    const { dir: origin } = await openStore();
    // What an earlier change of type has left must not come to light either.
    await apply(origin, earlier, 'earlier');
    await apply(origin, from, 'old');
    const before = from && ['old', from];
    const after = to && ['new', to];
    let sawNew = false;
    for (let step = 1; !sawNew || step < 12; step += 1) {
      const dir = tempDir();
      cpSync(origin, dir, { recursive: true });
      const undo = stopBefore(step);
      onTestFinished(undo);
      const isDone = await apply(dir, to, 'new').then(
        () => true,
        () => false,
      );
      undo();
      const store = await createBackend({ dir }).openKeyValueStore({});
      const found = await get(store, 'k');
      if (isDone) expect(found).toEqual(after);
      else expect([before, after]).toContainEqual(found);
      expect((await listAll(store)).map(([key]) => key)).toEqual(found ? ['k'] : []);
      // And whatever was left behind, the record can be written and deleted.
      await put(store, 'k', 'next', 'text/csv');
      expect(await get(store, 'k')).toEqual(['next', 'text/csv']);
      await store.deleteRecord('k');
      expect(await listAll(store)).toEqual([]);
      const left = readdirSync(join(dir, 'key_value_stores', 'default')).filter(
        (name) => !/^__metadata__|~/.test(name),
      );
      expect(left).toEqual([]);
      rmSync(dir, { recursive: true });
      sawNew = isDone;
      if (isDone) break;
    }
    expect(sawNew).toBe(true);
  }
});
