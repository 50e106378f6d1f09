// Does mixed work on a store that other processes work on too, and writes down when it did what.
import { appendFileSync } from 'node:fs';
import { once } from 'node:events';
import { createBackend } from '@kv/fs';
import { Random } from '../random.ts';
import { runLane } from './work.ts';
import type { WorkClass, WorkEntry, WorkOrder } from './work-log.ts';

const LANES = 2;

const [, , dir = '', logPath = '', workClass = '', name = '', seed = ''] = process.argv;
await using backend = createBackend({ dir });
const store = await backend.openKeyValueStore({ name: 'shared' });
process.send?.('ready');
const [order] = (await once(process, 'message')) as [WorkOrder];

const entries: WorkEntry[] = [];
let count = 0;
const lane = (index: number): Promise<void> =>
  runLane({
    dir,
    store,
    order,
    hasConditions: backend.capabilities.conditionalWrites,
    workClass: workClass as WorkClass,
    random: new Random(Number(seed) + index),
    newId: () => `${name}-${(count += 1)}`,
    log: (entry) => void entries.push(entry),
  });
await Promise.all(Array.from({ length: LANES }, (_, index) => lane(index)));
for (let index = 0; index < entries.length; index += 10_000) {
  const lines = entries.slice(index, index + 10_000).map((entry) => JSON.stringify(entry));
  appendFileSync(logPath, `${lines.join('\n')}\n`);
}
process.send?.('done', undefined, undefined, () => process.disconnect());
