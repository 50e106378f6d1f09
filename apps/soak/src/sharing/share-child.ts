// Shares a directory with other processes in one of the ways below, and sends back what it saw.
import { once } from 'node:events';
import { createBackend } from '@kv/fs';
import { isKvError } from '@kv/core';
import { Random } from '../random.ts';
import { clock } from '../history/work-log.ts';
import type { Life } from './dropping.ts';

const [, , way = '', dir = '', seed = '0', rounds = '0'] = process.argv;
const WAYS: Readonly<Record<string, () => Promise<unknown>>> = { create, drop, live };
process.send?.('ready');
await once(process, 'message');
process.send?.(await WAYS[way]?.(), undefined, undefined, () => process.disconnect());

/** Opens names that are new to all, and gives their ids in the order of the names. */
async function create(): Promise<string[]> {
  await using backend = createBackend({ dir });
  const ids: string[] = [];
  for (let index = 0; index < Number(rounds); index += 1) {
    ids.push((await backend.openKeyValueStore({ name: `new-${index}` })).id);
  }
  return ids;
}

/** Opens a store again and again, works on it, and drops it now and then. The value of the record is the store's id. */
async function drop(): Promise<Life[]> {
  const random = new Random(Number(seed));
  const lives: Life[] = [];
  for (let round = 0; round < Number(rounds); round += 1) {
    await using backend = createBackend({ dir });
    const life: Life = { id: '', openedAt: clock(), read: [] };
    try {
      const store = await backend.openKeyValueStore({ name: 'fleeting' });
      life.id = store.id;
      life.readyAt = clock();
      for (let count = random.below(8); count > 0; count -= 1) {
        const contentType = random.pick(['application/json; charset=utf-8', 'text/plain']);
        if (random.chance(0.5)) await store.setRecord({ key: 'id', value: Buffer.from(store.id), contentType });
        const record = await store.getRecord('id');
        if (record) life.read.push(Buffer.from(record.value).toString());
      }
      if (random.chance(0.3)) {
        await store.drop();
        life.droppedAt = clock();
      }
    } catch (error) {
      life.error = isKvError(error) ? error.code : String(error);
    }
    lives.push(life);
  }
  return lives;
}

/** Lives with the default store: writes to it until it is told to stop, and then says which records it misses. */
async function live(): Promise<string[]> {
  const backend = createBackend({ dir });
  const store = await backend.openKeyValueStore({});
  const stop = new AbortController();
  process.once('message', () => stop.abort());
  const keys: string[] = [];
  while (!stop.signal.aborted) {
    const key = `${seed}-${keys.length}`;
    await store.setRecord({ key, value: Buffer.from(key), contentType: keys.length % 2 ? 'text/plain' : 'image/png' });
    keys.push(key);
    if (keys.length === 20) process.send?.('at work');
    await new Promise((resolve) => setImmediate(resolve));
  }
  const records = await Promise.all(keys.map(async (key) => [key, await store.getRecord(key)] as const));
  return records.filter(([, record]) => record === undefined).map(([key]) => key);
}
