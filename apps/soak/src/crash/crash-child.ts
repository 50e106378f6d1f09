// Writes in one of the ways of `crash-kinds.ts` until it is killed, and keeps a journal of what it does.
import { createBackend } from '@kv/fs';
import { Random } from '../random.ts';
import { CRASH_KINDS } from './crash-kinds.ts';
import type { CrashKind } from './crash-kinds.ts';
import { openJournal } from './journal.ts';
import { runOperation } from './run-operation.ts';

const [, , dir = '', journalPath = '', kind = '', seed = ''] = process.argv;
const journal = openJournal(journalPath);
const backend = createBackend({ dir });
let count = 0;
let isTold = false;
const operations = (CRASH_KINDS[kind] as CrashKind)({
  random: new Random(Number(seed)),
  names: (await backend.listKeyValueStores()).map(({ name }) => name ?? 'default'),
  newId: () => `${seed}-${(count += 1)}`,
});
try {
  for (const operation of operations) {
    journal({ begin: operation });
    journal({ done: await runOperation(backend, operation) });
    if (!isTold) isTold = process.send?.('at work') === true;
  }
} catch (error) {
  journal({ failed: error instanceof Error ? `${error.name}: ${error.message}` : String(error) });
}
process.exit(1);
