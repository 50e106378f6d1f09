import { isListed, LIST_SIZES, OPEN_SIZE, RECORDS, recordsOf, STREAM_BYTES } from './fs-plan.ts';
import { conditions, table } from './measure.ts';
import type { Results } from './measure.ts';
import { RECORD_SUBJECTS } from './record-subjects.js';
import { streamTable } from './streams.ts';
import { targetsSection } from './targets.ts';
import type { Target } from './targets.ts';

const KV = '@kv/fs';
const DELAYS = ['idleDelay', 'setDelay', 'overwriteDelay', 'getDelay', 'deleteDelay', 'rawSetDelay', 'rawGetDelay'];
const OPERATIONS: Readonly<Record<string, string>> = {
  set: 'set',
  get: 'get',
  absent: 'get, absent',
  overwrite: 'set, same key',
  delete: 'delete',
  set32: 'set, 32 at once',
  get32: 'get, 32 at once',
};

/** Makes the page of results. */
export function fsPage(results: Results, targets: readonly Target[], rounds: number): string {
  return `# @kv/fs beside its peers

Everything in one run, each subject in a process of its own, all subjects in each round; medians of ${rounds} rounds. ${conditions()}.

Absolute times drift on a shared machine; the ratios count, and above a load of the number of cores not even they: a process that has to wait for a core waits for some milliseconds, whatever it does. The raw calls are a temp file and a rename for \`set\`, a read for \`get\`, and \`readdir\`, sort and \`stat\` for listings. \`node-persist\` runs without its queue of writes, which makes each wait for up to a second; it and
\`unstorage\` write in place, so a reader may see half a value. \`better-sqlite3\` runs with a write-ahead log and does not sync each write; \`@keyv/sqlite\` runs as it comes, and does. \`unstorage\`, \`node-persist\` and \`@keyv/sqlite\` list keys without sizes.

${targetsSection(targets)}
## Small records

JSON of 200 bytes, ${RECORDS.toLocaleString('en')} records (@keyv/sqlite: ${recordsOf('@keyv/sqlite').toLocaleString('en')}), µs for each operation; \`get\` reads each record five times, one after the other. In brackets, how many times as long as ${KV}.

${smallTable(results)}

## Listings

All keys in pages of 1,000, in ms, by a process that has just started; and the first page.

${listTable(results)}

Longest wait of a timer while ${KV} listed them:

${table(
  ['Keys', 'Wait, ms'],
  LIST_SIZES.map((count) => [count.toLocaleString('en'), round(results.median(`${count}-listDelay`, KV))]),
)}

## Opening

Opening a store and getting one record, in a process that has the package loaded.

${table(
  ['Records', 'Time', 'Memory'],
  [0, OPEN_SIZE].map((count) => [
    count.toLocaleString('en'),
    `${results.median(`${count}-open`, KV).toFixed(1)} ms`,
    `${results.median(`${count}-openMib`, KV).toFixed(1)} MiB`,
  ]),
)}

## Streams and large values

A stream of ${STREAM_BYTES / 1024 ** 2} MiB, highest peak of memory of all rounds; an idle process has ${round(results.median('idle-peakMib', 'process'))} MiB.

${streamTable(results)}

Longest wait of a timer meanwhile, with a value of 256 MiB:

${table(
  ['Nothing', 'set', 'set over it', 'get', 'delete', '`fs.promises.writeFile`', '`fs.promises.readFile`'],
  [DELAYS.map((name) => `${round(results.median(name, KV))} ms`)],
)}
`;
}

function smallTable(results: Results): string {
  const rows = Object.keys(RECORD_SUBJECTS).map((subject) => [
    subject,
    ...Object.keys(OPERATIONS).map((name) => {
      const value = results.median(name, subject);
      return subject === KV ? round(value) : `${round(value)} (${round(value / results.median(name, KV))})`;
    }),
  ]);
  return table(['Subject', ...Object.values(OPERATIONS)], rows);
}

function listTable(results: Results): string {
  const rows = Object.keys(RECORD_SUBJECTS).map((subject) => [
    subject,
    ...LIST_SIZES.map((count) => cell(results, `${count}-list`, subject, count)),
    cell(results, '100000-page', subject, 100_000),
  ]);
  const sizes = LIST_SIZES.map((count) => count.toLocaleString('en'));
  return table(['Subject', ...sizes, 'first 1,000 of 100,000'], rows);
}

function cell(results: Results, name: string, subject: string, count: number): string {
  const value = results.median(name, subject);
  if (!isListed(subject, count) || Number.isNaN(value)) return '–';
  return subject === KV ? round(value) : `${round(value)} (${round(value / results.median(name, KV))})`;
}

/** Two digits at least, and none that the noise would change. */
function round(value: number): string {
  if (Number.isNaN(value)) return '–';
  return value >= 10 ? Math.round(value).toLocaleString('en') : value.toFixed(1);
}
