// Does one task with one store in a process of its own, and tells the parent what it measured.
import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { RECORD_SUBJECTS, recordsDir } from './record-subjects.js';

/** @typedef {import('./record-subjects.js').RecordStore} RecordStore */

const VALUE = { id: 12_345, text: 'x'.repeat(173) };
const WARM_UP = 200;
// One pass of reads takes some 20 ms, too little for an average: a single collection of garbage would be a tenth of it.
const READ_PASSES = 5;
const LARGE_BYTES = 256 * 1024 ** 2;

/** @param {number} index */
function keyOf(index) {
  return `record-${String(index).padStart(7, '0')}`;
}

/** Gives the microseconds per call. @param {number} count @param {(index: number) => unknown} operation */
async function timeEach(count, operation) {
  // Measured is a store at rest, not what the step before has left to do.
  await sleep(200);
  const started = performance.now();
  for (let index = 0; index < count; index += 1) await operation(index);
  return ((performance.now() - started) * 1000) / count;
}

/** As {@link timeEach}, 32 at once. @param {number} count @param {(index: number) => unknown} operation */
async function timeAtOnce(count, operation) {
  await sleep(200);
  let next = 0;
  const work = async () => {
    while (next < count) await operation(next++);
  };
  const started = performance.now();
  await Promise.all(Array.from({ length: 32 }, work));
  return ((performance.now() - started) * 1000) / count;
}

/** @param {() => unknown} operation */
async function time(operation) {
  const started = performance.now();
  await operation();
  return performance.now() - started;
}

/** @param {RecordStore} store @param {number} count */
async function small(store, count) {
  for (let index = 0; index < WARM_UP; index += 1) {
    await store.set(`warm-up-${index}`, VALUE);
    await store.get(`warm-up-${index}`);
    await store.get(`absent-${index}`);
    await store.delete(`warm-up-${index}`);
  }
  return {
    set: await timeEach(count, (index) => store.set(keyOf(index), VALUE)),
    get: await timeEach(count * READ_PASSES, (index) => store.get(keyOf((index * 7) % count))),
    absent: await timeEach(count, (index) => store.get(`absent-${index}`)),
    overwrite: await timeEach(count, () => store.set(keyOf(0), VALUE)),
    delete: await timeEach(count, (index) => store.delete(keyOf(index))),
    set32: await timeAtOnce(count, (index) => store.set(keyOf(index), VALUE)),
    get32: await timeAtOnce(count * READ_PASSES, (index) => store.get(keyOf((index * 7) % count))),
  };
}

/** @param {RecordStore} store @param {number} count */
async function list(store, count) {
  const { firstPage } = store;
  const page = firstPage && (await time(firstPage));
  // The first page may have left something behind that makes the next listing faster; touching the store undoes that.
  await store.set(keyOf(0), VALUE);
  await sleep(200);
  let millis = 0;
  const listDelay = await delayOf(async () => {
    const started = performance.now();
    const listed = await store.list();
    millis = performance.now() - started;
    if (listed < count) throw new Error(`${listed} of ${count} keys were listed.`);
  });
  return { list: millis, ...(page === undefined ? {} : { page }), listDelay };
}

/** Gives the milliseconds for which an operation kept a timer waiting at most. @param {() => unknown} operation */
async function delayOf(operation) {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  await sleep(20);
  delay.reset();
  await operation();
  // What was blocked up to here counts.
  await sleep(20);
  delay.disable();
  return delay.max / 1e6;
}

function usedMib() {
  return process.memoryUsage().rss / 1024 ** 2;
}

/** @param {string} subject @param {string} dir */
async function open(subject, dir) {
  // The package is loaded before, so that the store alone is measured.
  mkdirSync(join(dir, 'other'), { recursive: true });
  await (await openSubject(subject, join(dir, 'other'))).get('absent');
  const before = usedMib();
  const millis = await time(async () => (await openSubject(subject, dir)).get(keyOf(0)));
  return { open: millis, openMib: usedMib() - before };
}

/** The longest time for which a large value keeps everything else waiting. @param {string} dir */
async function delayOfLarge(dir) {
  const { createBackend } = await import('@kv/fs');
  const file = join(dir, 'file');
  const store = await createBackend({ dir }).openKeyValueStore({});
  const value = new Uint8Array(LARGE_BYTES).fill(120);
  const record = { key: 'large', value, contentType: 'video/mp4' };
  return {
    idleDelay: await delayOf(() => sleep(500)),
    setDelay: await delayOf(() => store.setRecord(record)),
    overwriteDelay: await delayOf(() => store.setRecord(record)),
    getDelay: await delayOf(() => store.getRecord('large')),
    deleteDelay: await delayOf(() => store.deleteRecord('large')),
    // The same with the promises of Node alone.
    rawSetDelay: await delayOf(() => writeFile(file, value)),
    rawGetDelay: await delayOf(() => readFile(file)),
  };
}

/** @param {string} subject @param {string} dir @param {number} count */
async function prepare(subject, dir, count) {
  const text = JSON.stringify(VALUE);
  const filesIn = subject === 'unstorage' ? dir : recordsDir(dir);
  const isFiles = !['node-persist', '@keyv/sqlite', 'level', 'better-sqlite3'].includes(subject);
  if (isFiles) {
    mkdirSync(filesIn, { recursive: true });
    // A store that has none writes its metadata when it is opened.
    await openSubject(subject, dir);
    const ending = subject === 'unstorage' ? '' : '.json';
    for (let index = 0; index < count; index += 1) writeFileSync(join(filesIn, keyOf(index) + ending), text);
  } else {
    mkdirSync(dir, { recursive: true });
    const store = await openSubject(subject, dir);
    for (let index = 0; index < count; index += 1) await store.set(keyOf(index), VALUE);
    await store.close?.();
  }
  return {};
}

/** @param {string} subject @param {string} dir */
async function openSubject(subject, dir) {
  const openStore = RECORD_SUBJECTS[subject];
  if (!openStore) throw new Error(`There is no subject ${subject}.`);
  return openStore(dir);
}

/** Has the system look at every file, so that it has them all in memory. @param {string} dir */
function touch(dir) {
  for (const path of readdirSync(dir, { recursive: true })) statSync(join(dir, String(path)));
  return {};
}

/** @type {Readonly<Record<string, (subject: string, dir: string, count: number) => Promise<object>>>} */
const TASKS = {
  prepare,
  touch: async (_, dir) => touch(dir),
  open,
  delay: (_, dir) => delayOfLarge(dir),
  small: async (subject, dir, count) => {
    mkdirSync(dir, { recursive: true });
    const store = await openSubject(subject, dir);
    const result = await small(store, count);
    await store.close?.();
    return result;
  },
  list: async (subject, dir, count) => {
    const store = await openSubject(subject, dir);
    const result = await list(store, count);
    await store.close?.();
    return result;
  },
};

const [, , task = '', subject = '', dir = '', count = '0'] = process.argv;
const result = await TASKS[task]?.(subject, dir, Number(count));
process.send?.(result);
process.disconnect?.();
