import { cpSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { ContentEncoding } from '@kv/core';
import { expect, it, onTestFinished } from 'vitest';
import { createBackend } from '../src/index.js';
import { get, JSON_TYPE, listAll, openStore, put, tempDir } from './helpers.js';
import { stopBefore } from './stop-before.js';

// The second is the coding that the value comes in, where it comes in one.
const STATES = {
  nothing: undefined,
  'plain JSON': [JSON_TYPE],
  'JSON in gzip': [JSON_TYPE, 'gzip'],
  text: ['text/plain'],
  'text in br': ['text/plain', 'br'],
  HTML: ['text/html'],
  video: ['video/mp4'],
  'other JSON': ['application/json'],
  image: ['image/png'],
} satisfies Readonly<Record<string, readonly [type: string, coding?: ContentEncoding] | undefined>>;
type State = keyof typeof STATES;

async function apply(dir: string, state: State, text: string): Promise<void> {
  const store = await createBackend({ dir }).openKeyValueStore({});
  const [contentType, contentEncoding]: readonly [type?: string, coding?: ContentEncoding] = STATES[state] ?? [];
  if (contentType === undefined) await store.deleteRecord('k');
  else await store.setRecord({ key: 'k', value: Buffer.from(text), contentType, contentEncoding });
}

function codingOf(state: State): ContentEncoding | undefined {
  const [, coding]: readonly [type?: string, coding?: ContentEncoding] = STATES[state] ?? [];
  return coding;
}

const NAMES = Object.keys(STATES) as State[];
const CHANGES = NAMES.flatMap((from) => NAMES.map((to) => [from, to] as const));

it.each(CHANGES)('shows the old or the new record after a stop at any step from %s to %s', async (from, to) => {
  for (const earlier of ['nothing', 'image', 'video'] as const) {
    const { dir: origin } = await openStore();
    // What an earlier change of type has left must not come to light either.
    await apply(origin, earlier, 'earlier');
    await apply(origin, from, 'old');
    const before = STATES[from] && ['old', STATES[from][0]];
    const after = STATES[to] && ['new', STATES[to][0]];
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
      // The coding is a hint: for a moment, it may be missing or that of the write before.
      const coding = (await store.getRecordInfo('k'))?.contentEncoding;
      expect(isDone ? [codingOf(to)] : [codingOf(from), codingOf(to), undefined]).toContain(coding);
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
